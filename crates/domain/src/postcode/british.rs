//! The postcodes of Great Britain and the islands around it: an area (`SW`), a district in it (`1`, of which some are parted by a
//! letter: `1A`), a sector (`1`) and a unit (`AA`). Areas and districts have one or two characters, so only the end of a code tells
//! where its parts are: its last three characters are sector and unit. Source: Royal Mail, Programmers' guide to the PAF.

use super::letters::Letters;

/// Where the parts of a whole code end.
pub(super) fn whole(letters: &Letters) -> Option<u32> {
    let code = letters.bytes();
    if let Some(ends) = forces(code) {
        return Some(ends);
    }
    let (outward, inward) = code.split_at_checked(code.len().checked_sub(3)?)?;
    let is_inward = inward[0].is_ascii_digit() && inward[1..].iter().all(u8::is_ascii_uppercase);
    let ends = if outward == b"GIR" { end(3) } else { district(outward)? };
    is_inward.then_some(ends | end(outward.len() + 1) | end(code.len()))
}

/// Where the parts of the beginning of a code end: an area, a district, a district and a sector, or all.
pub(super) fn beginning(letters: &Letters) -> Option<u32> {
    let text = letters.bytes();
    if let Some(ends) = whole(letters) {
        return Some(ends);
    }
    let (first, rest) = text.split_at(letters.first_word());
    if let ([sector], Some(ends)) = (rest, district(first))
        && sector.is_ascii_digit()
    {
        return Some(ends | end(text.len()));
    }
    let is_area = matches!(text.len(), 1..=2) && text.iter().all(u8::is_ascii_uppercase);
    if is_area || text == b"BFPO" || text == b"GIR" { Some(end(text.len())) } else { district(text) }
}

/// Where letters and digits meet, of what cannot be read.
pub(super) fn any(letters: &Letters) -> u32 {
    let text = letters.bytes();
    let meet = |at: &usize| text.get(*at).is_none_or(|next| next.is_ascii_digit() != text[at - 1].is_ascii_digit());
    (1..=text.len()).filter(meet).fold(0, |ends, at| ends | end(at))
}

/// Area and district: `M1`, `M60`, `CR2`, `DN55`, `W1A`, `EC1A`.
fn district(text: &[u8]) -> Option<u32> {
    let area = text.iter().take_while(|letter| letter.is_ascii_uppercase()).count();
    let number = text[area..].iter().take_while(|letter| letter.is_ascii_digit()).count();
    let letter = &text[area + number..];
    let parted = number == 1 && letter.len() == 1 && letter[0].is_ascii_uppercase();
    let fits = (1..=2).contains(&area) && (1..=2).contains(&number) && (letter.is_empty() || parted);
    fits.then_some(end(area) | end(area + number) | end(text.len()))
}

/// The forces' post offices.
fn forces(text: &[u8]) -> Option<u32> {
    let number = text.strip_prefix(b"BFPO")?;
    let fits = (1..=4).contains(&number.len()) && number.iter().all(u8::is_ascii_digit);
    fits.then_some(end(4) | end(text.len()))
}

fn end(at: usize) -> u32 {
    1 << at
}
