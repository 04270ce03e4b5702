//! Real files through the public interface: Shopify's catalogues and a real shop's invoices.

use crate::harness::{Server, Shop, shared};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

fn data(file: &str) -> Option<PathBuf> {
    shared("CARTWRIGHT_TEST_DATA", "data").map(|folder| folder.join(file))
}

/// All products as operators see them, by handle.
async fn catalogue(shop: &Shop) -> BTreeMap<String, Value> {
    let mut products = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = shop.get(&format!("/admin/products?limit=50{cursor}")).send().await.expect(200);
        for product in page["items"].as_array().expect("items") {
            products.insert(product["handle"].as_str().expect("a handle").to_owned(), product.clone());
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return products,
        }
    }
}

/// What the file says about one variant: options, price in cents, units on hand.
type Told = (Vec<String>, i64, i64);

/// Reads the file with nothing of the importer: handle → variants.
fn variants_of(path: &PathBuf) -> BTreeMap<String, Vec<Told>> {
    let mut reader = csv::Reader::from_path(path).expect("the file can be read");
    let mut products: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for row in reader.deserialize::<HashMap<String, String>>() {
        let row = row.expect("a row");
        let cell = |name: &str| row[name].trim().to_owned();
        if cell("Variant Price").is_empty() {
            continue;
        }
        let options = ["Option1 Value", "Option2 Value", "Option3 Value"].map(cell);
        let mut options: Vec<String> =
            options.into_iter().filter(|value| !value.is_empty() && value != "Default Title").collect();
        options.sort();
        let price = (cell("Variant Price").parse::<f64>().expect("a price") * 100.0).round() as i64;
        let on_hand = cell("Variant Inventory Qty").parse().expect("a stock");
        products.entry(cell("Handle")).or_default().push((options, price, on_hand));
    }
    products
}

#[tokio::test]
async fn shopify_files_come_in_whole_and_a_second_time_change_nothing() {
    let (Some(apparel), Some(home)) = (data("shopify/apparel.csv"), data("shopify/home-and-garden.csv")) else {
        return;
    };
    let server = Server::start();
    let shop = server.shop();
    let (first, second) = (apparel.display().to_string(), home.display().to_string());
    let import = || server.client(&["import", &first, &second, "--json"]).json(0);
    let report = import();
    let mut expected = variants_of(&apparel);
    expected.extend(variants_of(&home));
    let count = |report: &Value, name: &str| -> u64 {
        report.as_array().expect("a report per file").iter().map(|file| file[name].as_u64().expect("a number")).sum()
    };
    assert_eq!((count(&report, "created"), count(&report, "refused_rows")), (expected.len() as u64, 0), "{report:#}");

    let found = catalogue(&shop).await;
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (handle, mut told) in expected.clone() {
        let mut has: Vec<Told> = found[&handle]["variants"]
            .as_array()
            .expect("variants")
            .iter()
            .map(|variant| {
                let attributes = variant["attributes"].as_object().expect("attributes").values();
                let mut options: Vec<String> =
                    attributes.map(|value| value.as_str().expect("a text").to_owned()).collect();
                options.sort();
                let number = |value: &Value| value.as_i64().expect("a number");
                (options, number(&variant["price"]["amount"]), number(&variant["on_hand"]))
            })
            .collect();
        told.sort();
        has.sort();
        assert_eq!(has, told, "{handle}");
    }

    let again = import();
    assert_eq!(
        (count(&again, "unchanged"), count(&again, "created"), count(&again, "updated")),
        (expected.len() as u64, 0, 0)
    );
    assert_eq!(catalogue(&shop).await, found);
    server.verify();
}

#[tokio::test]
async fn what_is_imported_can_be_bought_exported_and_imported_elsewhere() {
    let Some(apparel) = data("shopify/apparel.csv") else { return };
    let (server, other) = (Server::start(), Server::start());
    server.client(&["import", &apparel.display().to_string()]).good();
    let file = server.folder().join("catalogue.csv");
    server.client(&["export", "--output", &file.display().to_string()]).good();
    other.client(&["import", &file.display().to_string()]).good();
    let plain = |mut catalogue: BTreeMap<String, Value>| {
        for product in catalogue.values_mut() {
            product["id"] = Value::Null;
            product["variants"]
                .as_array_mut()
                .expect("variants")
                .iter_mut()
                .for_each(|variant| variant["id"] = Value::Null);
        }
        catalogue
    };
    let here = catalogue(&server.shop()).await;
    let sku = here["ocean-blue-shirt"]["variants"][0]["sku"].as_str().expect("a SKU").to_owned();
    assert_eq!(plain(here), plain(catalogue(&other.shop()).await));
    let cart = other.guest().cart(&[(&sku, 1)]).await;
    let order = other.guest().checkout(&cart, "k", "ok").send().await.expect(201);
    assert_eq!(order["totals"]["total"]["formatted"], "50.00€");
    other.settle_and_verify().await;
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_told_with_line_and_reason_and_the_others_come_in() {
    let server = Server::start();
    let file = server.folder().join("goods.csv");
    let text = "handle,name,sku,price,stock\n\
                pen,Pen,PEN,5.00,10\n\
                mug,Mug,MUG,seven,10\n\
                Bad Handle,Bad,BAD,1.00,1\n\
                lamp,Lamp,LAMP,49.00,-3\n\
                book,Book,BOOK,12.345,1\n\
                bag,Bag,BAG,3.00,7\n";
    std::fs::write(&file, text).expect("written");
    let ran = server.client(&["import", &file.display().to_string(), "--json"]);
    let report = &ran.json(1)[0];
    assert_eq!((&report["created"], &report["rows"]), (&json!(3), &json!(6)), "{report:#}");
    let refused = report["refused"].as_array().expect("refused rows");
    let lines: Vec<i64> = refused.iter().filter_map(|row| row["line"].as_i64()).collect();
    assert_eq!(lines, [3, 4, 6], "{report:#}");
    assert_eq!((&report["notes"][0]["line"], server.shop().stock("LAMP").await), (&json!(5), (0, 0)), "{report:#}");
    assert!(refused.iter().all(|row| row["reason"].as_str().is_some_and(|reason| reason.len() > 5)), "{report:#}");
    assert!(refused[0]["reason"].as_str().is_some_and(|reason| reason.contains("seven")), "{report:#}");
    let people = server.client(&["import", &file.display().to_string()]);
    assert_eq!(people.code, Some(1));
    assert!(people.out.contains("goods.csv:3"), "{people:?}");
    assert_eq!(catalogue(&server.shop()).await.into_keys().collect::<Vec<_>>(), ["bag", "lamp", "pen"]);
    let missing = server.client(&["import", "/nowhere/goods.csv"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("/nowhere/goods.csv"), "{missing:?}");
    server.verify();
}

#[tokio::test]
async fn real_invoices_replayed_as_orders_cost_what_others_computed() {
    let (Some(invoices), Some(totals)) = (data("online-retail/invoices.csv"), data("online-retail/invoice_totals.csv"))
    else {
        return;
    };
    let server = Server::start();
    let (invoices, totals) = (invoices.display().to_string(), totals.display().to_string());
    let replay =
        || server.client(&["replay", &invoices, "--totals", &totals, "--limit", "150", "--concurrency", "4", "--json"]);
    let report = replay().json(0);
    eprintln!("{report:#}");
    let number = |name: &str| report[name].as_u64().unwrap_or_else(|| panic!("{name} in {report:#}"));
    assert_eq!((number("invoices"), &report["failed"], &report["different"]), (150, &json!([]), &json!([])));
    assert_eq!(number("compared"), number("equal"));
    assert!(number("compared") > 80, "{report:#}");
    assert_eq!(number("orders_placed") + number("invoices_without_a_sellable_row"), 150);
    assert!(report["reported_rows"].as_object().is_some_and(|rows| !rows.is_empty()), "what was not sold is told");
    let shop = server.shop().of_store("retail");
    assert_eq!(shop.orders(Some("placed")).await.len() as u64, number("orders_placed"));

    let again = replay().json(0);
    assert_eq!((&again["orders_placed"], &again["orders_found_from_before"]), (&json!(0), &report["orders_placed"]));
    assert_eq!((&again["compared"], &again["equal"]), (&report["compared"], &report["equal"]));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn files_as_spreadsheets_and_shopify_write_them_come_in_and_what_is_unusual_is_said() {
    let server = Server::start();
    let shop = server.shop();
    let import = |name: &str, bytes: &[u8], code: i32| -> Value {
        let file = server.folder().join(name);
        std::fs::write(&file, bytes).expect("written");
        server.client(&["import", &file.display().to_string(), "--json"]).json(code)[0].clone()
    };
    let said = |report: &Value, what: &str| {
        let notes = report["notes"].as_array().expect("notes").iter();
        assert!(notes.filter_map(|note| note["text"].as_str()).any(|text| text.contains(what)), "{what}: {report:#}");
    };
    // Excel in Germany: semicolons, decimal commas, an old encoding.
    let german = "handle;name;sku;price;stock\ncafe-becher;Caf\u{e9}-Becher gro\u{df};BECHER;1.234,50;1.000\nmuenze;M\u{fc}nze;MUENZE;9,99;3\n";
    let latin: Vec<u8> = german.chars().map(|c| c as u8).collect();
    let report = import("german.csv", &latin, 0);
    ["`;`", "windows-1252", "Becher", "was read as"].iter().for_each(|what| said(&report, what));
    let found = catalogue(&shop).await;
    let becher = &found["cafe-becher"];
    assert_eq!(
        (&becher["name"], &becher["variants"][0]["price"]["amount"]),
        (&json!("Caf\u{e9}-Becher gro\u{df}"), &json!(123_450))
    );
    assert_eq!(becher["variants"][0]["on_hand"], 1000);
    // Excel's Unicode text: tabs, UTF-16.
    let wide: Vec<u8> = "\u{feff}handle\tname\tsku\tprice\nlampe\tLampe \u{30c6}\tLAMPE\t12.50\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let report = import("wide.txt", &wide, 0);
    ["tabs", "UTF-16LE"].iter().for_each(|what| said(&report, what));
    assert_eq!(catalogue(&shop).await["lampe"]["name"], "Lampe \u{30c6}");
    // What can mean two things is refused, not guessed.
    let report = import("unclear.csv", b"handle,name,sku,price\npiano,Piano,PIANO,1.250\n", 1);
    assert!(report["refused"][0]["reason"].as_str().is_some_and(|reason| reason.contains("--decimal")), "{report:#}");
    let file = server.folder().join("unclear.csv").display().to_string();
    server.client(&["import", &file, "--decimal", "comma"]).good();
    assert_eq!(catalogue(&shop).await["piano"]["variants"][0]["price"]["amount"], 125_000);
    // Shopify's headings of today, handles of any script, stock below zero, a blank tracker.
    let today = "Title,URL handle,Description,Vendor,Tags,Published on online store,Status,SKU,Option1 name,Option1 value,Price,\
        Inventory tracker,Inventory quantity,Continue selling when out of stock,Weight value (grams),Product image URL,Image position\n\
        \u{30b7}\u{30e3}\u{30c4},\u{30b7}\u{30e3}\u{30c4},<p>x</p>,Lana,\"a, b\",TRUE,Active,SHIRT-S,Size,S,25.00,shopify,-2,DENY,120,https://a.example/1,1\n\
        ,\u{30b7}\u{30e3}\u{30c4},,,,,,SHIRT-M,,M,26.00,,7,DENY,130,,\n";
    let report = import("today.csv", today.as_bytes(), 0);
    ["below zero", "no inventory tracker"].iter().for_each(|what| said(&report, what));
    let shirt = &catalogue(&shop).await["\u{30b7}\u{30e3}\u{30c4}"];
    let variants = shirt["variants"].as_array().expect("variants");
    assert_eq!(
        (&variants[0]["on_hand"], &variants[0]["track_stock"], &variants[1]["track_stock"]),
        (&json!(0), &json!(true), &json!(false))
    );
    server.guest().get("/products/%E3%82%B7%E3%83%A3%E3%83%84").send().await.expect(200);
    server.verify();
}

#[tokio::test]
async fn a_product_of_two_thousand_and_forty_eight_variants_comes_in_and_out() {
    let server = Server::start();
    let mut text = "handle,name,sku,price,attributes,stock\n".to_owned();
    for number in 0..2_048 {
        text.push_str(&format!("many,{},M{number},5.00,No={number},1\n", if number == 0 { "Many" } else { "" }));
    }
    let file = server.folder().join("many.csv");
    std::fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let report = server.client(&["import", &file, "--json"]).json(0);
    assert_eq!((&report[0]["created"], &report[0]["stock"]["new"]), (&json!(1), &json!(2_048)));
    assert_eq!(catalogue(&server.shop()).await["many"]["variants"].as_array().map(Vec::len), Some(2_048));
    server.client(&["export", "--output", &file]).good();
    assert_eq!(server.client(&["import", &file, "--json"]).json(0)[0]["unchanged"], 1);
    server.verify();
}
