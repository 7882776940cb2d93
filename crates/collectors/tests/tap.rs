//! The tap on a real kernel, in a network namespace of the test's own. Needs root.

use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, Instant};

use collectors::tap::{Tap, TapError, Way, drop_privileges};
use nix::sched::{CloneFlags, unshare};

/// Runs in a thread that has a network of its own, with nothing but a loopback interface.
fn in_namespace(test: impl FnOnce() + Send + 'static) {
    let run = move || {
        unshare(CloneFlags::CLONE_NEWNET).expect("the test needs root");
        let up = Command::new("ip").args(["link", "set", "lo", "up"]).status();
        assert!(up.expect("`ip` runs").success());
        test();
    };
    std::thread::spawn(run).join().expect("the test passes");
}

#[test]
fn every_datagram_is_seen_going_out_and_coming_in() {
    in_namespace(|| {
        const DATAGRAMS: usize = 1_000;
        let mut tap = Tap::open(&["lo".to_owned()]).expect("a tap");
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let to = socket.local_addr().expect("an address");
        for number in 0..DATAGRAMS {
            socket.send_to(format!("datagram {number:04}").as_bytes(), to).expect("sent");
        }
        let (mut sent, mut came, mut last) = (0, 0, None);
        let deadline = Instant::now() + Duration::from_secs(10);
        while (sent, came) != (DATAGRAMS, DATAGRAMS) && Instant::now() < deadline {
            let mut give = |frame: collectors::tap::Tapped<'_>| {
                let count = if frame.way == Way::Out { &mut sent } else { &mut came };
                let number = format!("datagram {count:04}");
                assert!(frame.bytes.ends_with(number.as_bytes()), "frames come in order");
                assert!(last.is_none_or(|last| last <= frame.at), "time goes on");
                last = Some(frame.at);
                *count += 1;
            };
            tap.take(Duration::from_millis(100), &mut give).expect("frames");
        }
        assert_eq!((sent, came, tap.dropped()), (DATAGRAMS, DATAGRAMS, 0));
    });
}

#[test]
fn what_the_kernel_drops_is_counted() {
    in_namespace(|| {
        let mut tap = Tap::open(&["lo".to_owned()]).expect("a tap");
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let to = socket.local_addr().expect("an address");
        // The ring holds 8 MiB; nobody takes anything out of it meanwhile.
        let datagram = vec![0; 32_000];
        for _ in 0..2_000 {
            socket.send_to(&datagram, to).expect("sent");
        }
        assert!(tap.dropped() > 0);
        let before = tap.dropped();
        assert_eq!(tap.dropped(), before, "the count does not go back");
    });
}

#[test]
fn a_missing_interface_is_said_by_its_name() {
    let missing = Tap::open(&["no-such-if".to_owned()]).expect_err("it is not there");
    assert!(matches!(&missing, TapError::NoInterface(name) if name == "no-such-if"));
}

/// In a process of its own, for it changes the user of all threads.
#[test]
fn a_process_that_gave_up_its_rights_cannot_open_another_tap() {
    const INNER: &str = "ASEPSIS_TEST_DROP";
    if std::env::var_os(INNER).is_some() {
        drop_privileges().expect("rights can be given up");
        assert!(matches!(Tap::open(&["lo".to_owned()]), Err(TapError::Open { .. })));
        return;
    }
    let own = std::env::current_exe().expect("its own path");
    let name = "a_process_that_gave_up_its_rights_cannot_open_another_tap";
    let inner = Command::new(own).args(["--exact", name]).env(INNER, "1").output();
    let inner = inner.expect("it runs");
    assert!(inner.status.success(), "{}", String::from_utf8_lossy(&inner.stdout));
    assert!(String::from_utf8_lossy(&inner.stdout).contains("1 passed"));
}
