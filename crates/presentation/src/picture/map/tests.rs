//! What a map is drawn as.

use super::{Card, End, Fate, Group, Line, Map, State, System, Tile, draw};

fn card(name: &str, ids: &[&str]) -> Card {
    let tile =
        |id: &&str| Tile { id: (*id).to_owned(), about: format!("{id}: pump"), ..Tile::default() };
    Card {
        name: name.to_owned(),
        count: ids.len().to_string(),
        href: "/devices".to_owned(),
        bar: None,
        groups: vec![Group { label: String::new(), tiles: ids.iter().map(tile).collect() }],
    }
}

fn ward() -> Map {
    let system = |key: &str, is_clinical, fate| System {
        key: key.to_owned(),
        name: format!("system {key}"),
        about: key.to_owned(),
        is_clinical,
        fates: vec![fate],
    };
    let line = |to: End, fate| Line {
        from: End::Device("P-1".to_owned()),
        to,
        fate,
        about: "a way".to_owned(),
    };
    Map {
        text: crate::text::Text::english(),
        title: "The hospital".to_owned(),
        cards: vec![card("ICU", &["P-1", "P-2"]), card("Theatre", &["P-3"])],
        // Those that care does not need come last, in whatever order they are told.
        systems: vec![system("b", false, Fate::Ends), system("a", true, Fate::Stays)],
        lines: vec![
            line(End::System("a".to_owned()), Fate::Stays),
            line(End::System("b".to_owned()), Fate::Ends),
            line(End::Device("P-3".to_owned()), Fate::Ends),
        ],
        chosen: Some("P-1".to_owned()),
        idle: Vec::new(),
    }
}

/// Where a text of the picture is, from above.
fn height_of(svg: &str, text: &str) -> f64 {
    let before = svg.split(&format!(">{text}<")).next().expect("a text");
    let y = before.rsplit(" y=\"").next().expect("a place").split('"').next();
    y.expect("a number").parse().expect("a number")
}

#[test]
fn what_stays_and_what_ends_is_drawn_with_signs_and_words() {
    let svg = draw(&ward());
    assert_eq!(svg.matches("<g class=\"way stays\">").count(), 1);
    assert_eq!(svg.matches("<g class=\"way ends\">").count(), 2);
    assert_eq!(svg.matches("class=\"cross\"").count(), 2);
    assert!(svg.contains("✓") && svg.contains("✕"));
    assert!(height_of(&svg, "system a") < height_of(&svg, "system b"), "{svg}");
    // Whom the lines concern is seen; the rest steps back.
    assert_eq!(svg.matches("class=\"t on\"").count(), 2, "{svg}");
}

#[test]
fn a_tile_stays_where_it_is_whatever_becomes_of_it() {
    let place = |svg: &str| {
        let (_, after) = svg.split_once("device=P-2").expect("a tile");
        after.split("<use ").nth(1).expect("a place").split("/>").next().map(str::to_owned)
    };
    let before = draw(&Map { chosen: None, lines: Vec::new(), systems: Vec::new(), ..ward() });
    let mut held = ward();
    held.cards[0].groups[0].tiles[1].state = State::Held;
    let after = draw(&held);
    assert_eq!(place(&before), place(&after));
    assert!(after.contains("#s-held"));
}

#[test]
fn units_that_are_too_large_are_drawn_as_bars_and_whoever_stands_out_as_a_tile() {
    let mut map = ward();
    map.cards[0].bar = Some([300, 0, 40, 9, 1]);
    map.cards[0].groups[0].tiles.truncate(1);
    let svg = draw(&map);
    assert!(svg.contains("ICU: Act, 1") && svg.contains(">300<"), "{svg}");
    assert!(svg.contains("device=P-1") && !svg.contains("device=P-2"));
}

#[test]
fn a_line_to_somebody_who_is_not_drawn_is_left_out() {
    let mut map = ward();
    map.lines = vec![Line {
        from: End::Device("P-1".to_owned()),
        to: End::Device("P-9".to_owned()),
        fate: Fate::Ends,
        about: String::new(),
    }];
    assert!(!draw(&map).contains("class=\"way"));
}

#[test]
fn no_name_becomes_markup() {
    let hostile = "\"><script>alert(1)</script>";
    let mut map = ward();
    map.title = hostile.to_owned();
    map.cards[0].name = hostile.to_owned();
    map.cards[0].groups[0].label = hostile.to_owned();
    map.cards[0].groups[0].tiles[1].id = hostile.to_owned();
    map.cards[0].groups[0].tiles[1].about = hostile.to_owned();
    map.systems[0].name = hostile.to_owned();
    for line in &mut map.lines {
        line.about = hostile.to_owned();
    }
    map.chosen = Some(hostile.to_owned());
    let svg = draw(&map);
    assert_eq!(svg.matches("<g class=\"way").count(), 3, "all of it is drawn");
    assert!(!svg.contains("<script") && !svg.contains("\"\">"), "{svg}");
}
