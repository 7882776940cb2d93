//! The device identifier (DI) of a UDI, from a DI or from the whole string on the label.
//!
//! Issuing agencies and their forms: GS1 (GTIN, General Specifications 7.9 for the check digit),
//! HIBCC (ANSI/HIBC 2.6, modulo 43), ICCBBA (ISBT 128 ST-017). The DI is given as GUDID has it:
//! a GTIN with 14 digits; HIBCC without `+` and check character; ICCBBA without `=/`. Refuses a
//! check digit that does not fit, for such a DI names another device or none.

/// The characters of HIBC in the order of their values (ANSI/HIBC 2.6, appendix B).
const HIBC: &[u8; 43] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/// The device identifier in a text; `None` where there is none or its check digit is wrong.
#[must_use]
pub fn device_identifier(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('\'');
    // A scanner may send which symbol it read first (ISO/IEC 15424).
    let text = ["]C1", "]d2", "]Q3", "]e0"]
        .into_iter()
        .find_map(|symbol| text.strip_prefix(symbol))
        .unwrap_or(text);
    if let Some(rest) = text.strip_prefix("(01)") {
        return gtin(rest.trim_start().get(..14)?);
    }
    if let Some(rest) = text.strip_prefix("=/") {
        return iccbba(rest.get(..16)?);
    }
    if let Some(rest) = text.strip_prefix('+') {
        return hibcc(rest);
    }
    if text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-')) {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if digits.len() <= 14 {
            return gtin(&digits);
        }
    }
    match text.strip_prefix("01") {
        Some(rest) if rest.len() >= 14 => gtin(rest.get(..14)?),
        _ => bare(text),
    }
}

/// A GTIN of 8, 12, 13 or 14 digits, filled up to 14. One digit less is taken for a number whose
/// leading zeros a spreadsheet has eaten, where its check digit is right.
fn gtin(digits: &str) -> Option<String> {
    if !(7..=14).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let full = format!("{digits:0>14}");
    let weighted = full.bytes().enumerate().map(|(place, byte)| {
        let weight = if place % 2 == 0 { 3 } else { 1 };
        u32::from(byte - b'0') * weight
    });
    let valid = weighted.sum::<u32>() % 10 == 0 && full.bytes().any(|b| b != b'0');
    valid.then_some(full)
}

/// A HIBCC symbol after its `+`: labeller (a letter and three characters), product (1 to 18),
/// unit of measure (a digit), and the check character, which stands behind the production data
/// where there is any.
fn hibcc(rest: &str) -> Option<String> {
    let upper = rest.trim_end_matches('*').to_ascii_uppercase();
    let (body, check) = (upper.get(..upper.len().checked_sub(1)?)?, upper.chars().last()?);
    let value = |byte: u8| HIBC.iter().position(|c| *c == byte);
    let plus = value(b'+')?;
    let sum = body.bytes().map(value).sum::<Option<usize>>()? + plus;
    if HIBC.get(sum % 43).copied().map(char::from) != Some(check) {
        return None;
    }
    let primary = body.split('/').next().unwrap_or(body);
    hibcc_primary(primary).then(|| primary.to_owned())
}

fn hibcc_primary(text: &str) -> bool {
    (6..=23).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_digit())
}

/// An ICCBBA identifier: facility (5, a letter first), facility's product code (6), product
/// description (5).
fn iccbba(text: &str) -> Option<String> {
    let shape = text.len() == 16
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.starts_with(|c: char| c.is_ascii_alphabetic());
    shape.then(|| text.to_ascii_uppercase())
}

/// A HIBCC or ICCBBA identifier as GUDID has it: nothing is left to check but its shape.
fn bare(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let has_digits = upper.bytes().filter(u8::is_ascii_digit).count() >= 2;
    if hibcc_primary(&upper) && has_digits { Some(upper) } else { iccbba(&upper) }
}

#[cfg(test)]
mod tests {
    use super::device_identifier;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(device_identifier(text).unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn a_gtin_is_read_with_its_check_digit() {
        check("00844588003288", "00844588003288");
        check("0 0844588 00328 8", "00844588003288");
        check("844588003288", "00844588003288");
        check("00844588003289", "");
        check("00000000000000", "");
    }

    #[test]
    fn a_whole_udi_yields_its_device_identifier() {
        check("(01)00844588003288(17)141120(10)7654321D(21)10987654d321", "00844588003288");
        check("]d20100844588003288171411201076543", "00844588003288");
        check("010084458800328817141120", "00844588003288");
        check(
            "+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ456789012345678/16D20130202H",
            "H123PARTNO1234567890120",
        );
        check("=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032", "A9999XYZ100T0944");
    }

    #[test]
    fn identifiers_as_gudid_has_them_are_read() {
        check("H123PARTNO1234567890120", "H123PARTNO1234567890120");
        check("A9999XYZ100T0944", "A9999XYZ100T0944");
    }

    #[test]
    fn what_is_no_device_identifier_is_none() {
        for text in
            ["", "(01)123", "=/A9", "+", "+H1", "+A123BC0Z", "pump", "é(01)", "(01)é", "123"]
        {
            check(text, "");
        }
    }
}
