//! The parser: one pass over the bytes, no recursion, a stack of open containers.

use domain::bounded::{DOCUMENT_BYTES, JSON_NODES, NESTING};
use domain::problem::Code;

use super::{Damage, Kind, Node};

/// What may stand next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// A value.
    Value,
    /// A value, or the end of the array just opened.
    FirstItem,
    /// A key, or the end of the object just opened.
    FirstKey,
    /// A key.
    Key,
    /// A comma, or the end of the container.
    CommaOrEnd,
    /// The end of the text.
    End,
}

struct Parser<'t> {
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    /// The containers that are open, outermost first.
    open: Vec<Open>,
    /// How many nodes there may be.
    most: usize,
}

/// A container that is open: where its node stands, and what it is.
#[derive(Debug, Clone, Copy)]
struct Open {
    node: u32,
    kind: Kind,
}

/// Containers that are open at once in most documents.
const USUAL_DEPTH: usize = 16;
/// Room that so many nodes left unused is given back; less is not worth moving them for.
const SPARE_NODES: usize = 4_096;

type Step<T> = Result<T, Fault>;

const _: () = assert!(JSON_NODES == 134_217_728);

/// What ended the parsing: a single byte, for every step may yield it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Something follows the document.
    GoesOn,
    /// The text ends before the document does.
    Ends,
    /// No key where one must stand.
    Key,
    /// No value where one must stand.
    Value,
    /// Too many containers in one another.
    Depth,
    /// Too many values and keys.
    Nodes,
    /// A member is followed by something else.
    CommaOrBrace,
    /// An element is followed by something else.
    CommaOrBracket,
    /// A key is followed by something else.
    Colon,
    /// A string does not end.
    Quote,
    /// A control character in a string.
    Control,
    /// An escape that there is not.
    Escape,
    /// The text ends in an escape.
    HalfEscape,
    /// An escape by number without its digits.
    Hexadecimal,
    /// A number without a digit where one must stand.
    Digit,
}

impl Fault {
    /// Which kind of damage it is, and what should have stood there.
    fn told(self) -> (Code, &'static str) {
        const TRUNCATED: Code = Code::InputTruncated;
        const SYNTAX: Code = Code::InputSyntax;
        match self {
            Self::GoesOn => (SYNTAX, "the end of the document"),
            Self::Ends => (TRUNCATED, "more of the document"),
            Self::Key => (SYNTAX, "a key in quotes"),
            Self::Value => (SYNTAX, "a value"),
            Self::Depth => (Code::InputTooDeep, "at most 512 levels of nesting"),
            Self::Nodes => (Code::InputTooLarge, "at most 134217728 values and keys"),
            Self::CommaOrBrace => (SYNTAX, "`,` or `}`"),
            Self::CommaOrBracket => (SYNTAX, "`,` or `]`"),
            Self::Colon => (SYNTAX, "`:` after the key"),
            Self::Quote => (TRUNCATED, "the closing quote of a string"),
            Self::Control => (SYNTAX, "no bare control character in a string"),
            Self::Escape => (SYNTAX, "a known escape"),
            Self::HalfEscape => (TRUNCATED, "the rest of an escape"),
            Self::Hexadecimal => (SYNTAX, "four hexadecimal digits"),
            Self::Digit => (SYNTAX, "a digit"),
        }
    }
}

pub(super) fn parse(text: &str) -> (Vec<Node>, Option<Damage>) {
    parse_within(text, JSON_NODES)
}

/// Parses a text that may have so many nodes, and as many more as it may have levels.
pub(super) fn parse_within(text: &str, most: usize) -> (Vec<Node>, Option<Damage>) {
    let bytes = text.as_bytes();
    if bytes.len() as u64 > DOCUMENT_BYTES {
        let damage = Damage {
            code: Code::InputTooLarge,
            offset: 0,
            expected: "at most 1 GiB",
            dropped: true,
        };
        return (vec![Node::NULL], Some(damage));
    }
    // Real documents have a node in 9 to 30 bytes. Room that stays unused is never touched.
    let nodes = Vec::with_capacity(bytes.len() / 8 + 1);
    let mut parser = Parser { bytes, at: 0, nodes, open: Vec::with_capacity(USUAL_DEPTH), most };
    let damage = match parser.document() {
        Ok(()) => None,
        Err(fault) => {
            let (code, expected) = fault.told();
            let offset = parser.at.min(bytes.len());
            let at_end = code == Code::InputSyntax && offset >= bytes.len();
            let code = if at_end { Code::InputTruncated } else { code };
            let dropped = parser.close_all();
            Some(Damage { code, offset, expected, dropped })
        }
    };
    if parser.nodes.capacity() - parser.nodes.len() > SPARE_NODES {
        parser.nodes.shrink_to_fit();
    }
    (parser.nodes, damage)
}

fn index(value: usize) -> u32 {
    u32::try_from(value)
        .expect("invariant: the text is under 4 GiB, and each node takes a byte of it")
}

impl Parser<'_> {
    fn document(&mut self) -> Step<()> {
        let mut expect = Expect::Value;
        loop {
            let byte = self.skip_white_space();
            expect = match (expect, byte) {
                (Expect::End, None) => return Ok(()),
                (Expect::End, Some(_)) => return Err(Fault::GoesOn),
                (_, None) => return Err(Fault::Ends),
                (Expect::FirstItem, Some(b']')) | (Expect::FirstKey, Some(b'}')) => self.close(),
                (Expect::Value | Expect::FirstItem, Some(byte)) => self.value(byte)?,
                (Expect::FirstKey | Expect::Key, Some(b'"')) => self.key()?,
                (Expect::FirstKey | Expect::Key, Some(_)) => {
                    return Err(Fault::Key);
                }
                (Expect::CommaOrEnd, Some(byte)) => self.comma_or_end(byte)?,
            };
        }
    }

    #[inline]
    fn skip_white_space(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => {
                    self.at += 1;
                    self.at += blanks(self.bytes.get(self.at..).unwrap_or_default());
                }
                found => return found.copied(),
            }
        }
    }

    fn value(&mut self, byte: u8) -> Step<Expect> {
        match byte {
            b'"' => self.string(Kind::String)?,
            b'{' => return self.open(Kind::Object, Expect::FirstKey),
            b'[' => return self.open(Kind::Array, Expect::FirstItem),
            b't' => self.word(b"true", Kind::True)?,
            b'f' => self.word(b"false", Kind::False)?,
            b'n' => self.word(b"null", Kind::Null)?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(Fault::Value),
        }
        Ok(self.after_value())
    }

    #[inline]
    fn after_value(&self) -> Expect {
        if self.open.is_empty() { Expect::End } else { Expect::CommaOrEnd }
    }

    fn open(&mut self, kind: Kind, expect: Expect) -> Step<Expect> {
        if self.open.len() >= NESTING {
            return Err(Fault::Depth);
        }
        let start = index(self.at);
        self.open.push(Open { node: index(self.nodes.len()), kind });
        self.nodes.push(Node::new(kind, start, 0));
        self.at += 1;
        Ok(expect)
    }

    #[inline]
    fn close(&mut self) -> Expect {
        self.at += 1;
        let next = index(self.nodes.len());
        if let Some(open) = self.open.pop()
            && let Some(node) = self.nodes.get_mut(open.node as usize)
        {
            node.close(next);
        }
        self.after_value()
    }

    #[inline]
    fn comma_or_end(&mut self, byte: u8) -> Step<Expect> {
        let is_object = self.open.last().is_some_and(|open| open.kind == Kind::Object);
        if self.nodes.len() >= self.most {
            return Err(Fault::Nodes);
        }
        match (byte, is_object) {
            (b',', true) => {
                self.at += 1;
                Ok(Expect::Key)
            }
            (b',', false) => {
                self.at += 1;
                Ok(Expect::Value)
            }
            (b'}', true) | (b']', false) => Ok(self.close()),
            (_, true) => Err(Fault::CommaOrBrace),
            (_, false) => Err(Fault::CommaOrBracket),
        }
    }

    fn key(&mut self) -> Step<Expect> {
        self.string(Kind::Key)?;
        if self.skip_white_space() != Some(b':') {
            return Err(Fault::Colon);
        }
        self.at += 1;
        match self.skip_white_space() {
            Some(byte) => self.value(byte),
            None => Err(Fault::Ends),
        }
    }

    #[inline]
    fn string(&mut self, kind: Kind) -> Step<()> {
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            let Some(stop) = string_stop(self.bytes.get(at..).unwrap_or_default()) else {
                self.at = self.bytes.len();
                return Err(Fault::Quote);
            };
            at += stop;
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at = self.escape(at)?;
                }
                _ => return self.stray_control(at),
            }
        }
        self.at = at + 1;
        self.nodes.push(Node::string(kind, escaped, index(start), index(at - start)));
        Ok(())
    }

    /// A line feed at the end of a text that was cut inside a string is not the string's.
    #[cold]
    #[inline(never)]
    fn stray_control(&mut self, at: usize) -> Step<()> {
        let rest = self.bytes.get(at..).unwrap_or_default();
        if rest.iter().all(u8::is_ascii_whitespace) {
            self.at = self.bytes.len();
            return Err(Fault::Quote);
        }
        self.at = at;
        Err(Fault::Control)
    }

    /// Checks the escape at `at`; returns where it ends.
    #[inline(never)]
    fn escape(&mut self, at: usize) -> Step<usize> {
        let end = match self.bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => return Ok(at + 2),
            Some(b'u') => at + 6,
            Some(_) => {
                self.at = at;
                return Err(Fault::Escape);
            }
            None => {
                self.at = self.bytes.len();
                return Err(Fault::HalfEscape);
            }
        };
        match self.bytes.get(at + 2..end) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(end),
            Some(_) => {
                self.at = at;
                Err(Fault::Hexadecimal)
            }
            None => {
                self.at = self.bytes.len();
                Err(Fault::HalfEscape)
            }
        }
    }

    fn word(&mut self, word: &'static [u8], kind: Kind) -> Step<()> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        if !rest.starts_with(word) {
            let cut = word.starts_with(rest);
            self.at = if cut { self.bytes.len() } else { start };
            return Err(Fault::Value);
        }
        self.push_scalar(kind, start, start + word.len());
        Ok(())
    }

    /// RFC 8259, section 6.
    fn number(&mut self) -> Step<()> {
        let start = self.at;
        let mut at = start + usize::from(self.byte(start) == Some(b'-'));
        match self.byte(at) {
            Some(b'0') => at += 1,
            Some(b'1'..=b'9') => at = self.digits(at),
            _ => return self.bad_number(at),
        }
        if self.byte(at) == Some(b'.') {
            let end = self.digits(at + 1);
            if end == at + 1 {
                return self.bad_number(end);
            }
            at = end;
        }
        if matches!(self.byte(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(at + 1), Some(b'+' | b'-')));
            let end = self.digits(at + 1 + sign);
            if end == at + 1 + sign {
                return self.bad_number(end);
            }
            at = end;
        }
        self.push_scalar(Kind::Number, start, at);
        Ok(())
    }

    fn bad_number(&mut self, at: usize) -> Step<()> {
        self.at = at;
        Err(Fault::Digit)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn digits(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|b| b.is_ascii_digit()).count()
    }

    fn push_scalar(&mut self, kind: Kind, start: usize, end: usize) {
        self.nodes.push(Node::new(kind, index(start), index(end - start)));
        self.at = end;
    }

    /// Closes what is open after damage; whether an unfinished record was dropped.
    ///
    /// The outermost array element that is unfinished goes, and a key without its value.
    fn close_all(&mut self) -> bool {
        let first_array = self.open.iter().position(|open| open.kind == Kind::Array);
        let unfinished = first_array.and_then(|depth| self.open.get(depth + 1).copied());
        if let Some(unfinished) = unfinished {
            self.nodes.truncate(unfinished.node as usize);
            self.open.truncate(first_array.map_or(0, |depth| depth + 1));
        }
        let dangling_key = self.nodes.last().is_some_and(|node| node.kind() == Kind::Key);
        if dangling_key {
            self.nodes.pop();
        }
        let next = index(self.nodes.len());
        while let Some(open) = self.open.pop() {
            if let Some(node) = self.nodes.get_mut(open.node as usize) {
                node.close(next);
            }
        }
        if self.nodes.is_empty() {
            let end = index(self.at.min(self.bytes.len()));
            self.nodes.push(Node::new(Kind::Null, end, 0));
        }
        unfinished.is_some() || dangling_key
    }
}

/// How many of the next eight bytes are blanks, before the first that is none: indentation comes in
/// runs, and is most of the white space there is.
#[inline]
fn blanks(bytes: &[u8]) -> usize {
    const BLANKS: u64 = u64::from_le_bytes([b' '; 8]);
    bytes.first_chunk().map_or(0, |eight| {
        let others = u64::from_le_bytes(*eight) ^ BLANKS;
        others.trailing_zeros() as usize / 8
    })
}

/// Where a string stops or needs care: at a quote, a backslash or a control character.
///
/// Sixteen bytes at a time, and eight of them in a word.
#[inline]
pub(super) fn string_stop(bytes: &[u8]) -> Option<usize> {
    let (pairs, rest) = bytes.as_chunks::<16>();
    for (number, pair) in pairs.iter().enumerate() {
        let word = |half: Option<&[u8; 8]>| half.map_or(0, |half| u64::from_le_bytes(*half));
        let first = stops(word(pair.first_chunk()));
        let second = stops(word(pair.last_chunk()));
        if first != 0 {
            return Some(number * 16 + first.trailing_zeros() as usize / 8);
        }
        if second != 0 {
            return Some(number * 16 + 8 + second.trailing_zeros() as usize / 8);
        }
    }
    let stop = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F))?;
    Some(pairs.len() * 16 + stop)
}

/// The top bit of each byte of a word that is less than a space, a quote or a backslash. Bytes
/// after the first of them may be told by a borrow, so only the first is to be used.
///
/// With its second bit turned, a quote is just below all that is no control character.
#[inline]
fn stops(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let turned = word ^ (ONES * 2);
    let quotes_and_controls = turned.wrapping_sub(ONES * 0x21);
    let backslashes = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
    (quotes_and_controls | backslashes) & !word & TOPS
}
