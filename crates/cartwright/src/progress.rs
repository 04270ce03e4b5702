//! Progress of what takes long, on stderr; nothing where nobody looks.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts rows.
pub fn rows() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>25} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
