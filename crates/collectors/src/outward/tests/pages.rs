//! Pages that are read whole: how their end is told, and what has none.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use super::super::fetch::{Asked, Page, fetch};
use super::super::{OutwardError, Place, Reach, System};
use super::{here, place};

/// A server that reads a head, and then does with the connection what it likes, so often.
fn serving(times: usize, answer: impl Fn(&mut dyn Write) + Send + 'static) -> Place {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for _ in 0..times {
            let (mut stream, _) = listener.accept().expect("somebody");
            let mut some = [0; 4_096];
            let _ = stream.read(&mut some);
            answer(&mut stream);
        }
    });
    place(&format!("http://127.0.0.1:{port}/page"))
}

fn asked(place: &Place) -> Asked<'_> {
    let within = Duration::from_millis(1_500);
    Asked { place, authority: "", fields: &[], body: None, most: 1_000, within }
}

fn answered(answer: &'static str) -> Result<Page, OutwardError> {
    let place = serving(1, move |wire| drop(wire.write_all(answer.as_bytes())));
    fetch(&asked(&place), (&here(), &System))
}

#[test]
fn the_end_of_a_page_is_told_in_three_ways() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhellomore",
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nhello",
    ] {
        let page = answered(answer).expect(answer);
        assert_eq!((page.status, page.body.as_slice()), (200, b"hello".as_slice()), "{answer}");
    }
}

#[test]
fn a_page_that_is_cut_short_or_has_two_lengths_is_none() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: 5, 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno field\r\n\r\nhello",
        "SSH-2.0-OpenSSH\r\n\r\n",
    ] {
        assert!(matches!(answered(answer), Err(OutwardError::Failed { .. })), "{answer}");
    }
}

#[test]
fn a_page_without_end_is_let_go() {
    for head in ["", "content-length: 104857600\r\n", "transfer-encoding: chunked\r\n"] {
        let place = serving(1, move |wire| {
            let begins = format!("HTTP/1.1 200 OK\r\n{head}\r\n");
            let _ = wire.write_all(begins.as_bytes());
            let piece = if head.starts_with('t') { "400\r\n" } else { "" };
            let piece = format!("{piece}{}\r\n", "x".repeat(1_024));
            while wire.write_all(piece.as_bytes()).is_ok() {}
        });
        let error = fetch(&asked(&place), (&here(), &System)).expect_err("it has no end");
        assert!(error.to_string().contains("longer than 1000 bytes"), "{error}");
    }
}

#[test]
fn who_speaks_slowly_is_waited_for_no_longer_than_was_said() {
    for is_silent in [true, false] {
        let place = serving(1, move |wire| {
            for byte in b"HTTP/1.1 200 OK\r\nx: ".iter().chain([b'x'; 10_000].iter()) {
                if !is_silent && wire.write_all(&[*byte]).is_err() {
                    break;
                }
                thread::sleep(Duration::from_millis(20));
            }
        });
        let error = fetch(&asked(&place), (&here(), &System)).expect_err("it is slow");
        assert!(error.to_string().contains("timed out"), "{error}");
    }
}

#[test]
fn a_refusal_names_the_option_that_would_allow_it() {
    let place = serving(1, |_| ());
    let reach = Reach::default().named_by("--sign-in-may-reach");
    let error = fetch(&asked(&place), (&reach, &System)).expect_err("it is this machine");
    assert!(error.to_string().ends_with("allows it with --sign-in-may-reach"), "{error}");
}
