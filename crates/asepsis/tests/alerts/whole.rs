//! The whole way: what an agent tells becomes a detection in the store, an alert, and a line at a
//! real rsyslog by TLS and a message at a web server, while the program is killed again and again.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use testkit::agent::StandIn;

use super::{House, Rsyslog, Web, field, hook, until};

/// How often the program is killed, and how much is detected meanwhile.
const KILLS: u32 = 6;
const DETECTIONS: usize = 60;

/// The text after a name in a line of CEF, up to the next blank.
fn value(text: &str, name: &str) -> String {
    let after = text.split_once(name).map(|(_, after)| after).unwrap_or_default();
    after.split(' ').next().unwrap_or_default().to_owned()
}

#[test]
fn what_an_agent_detects_comes_to_everybody_whenever_the_program_is_killed() {
    let (house, agent) = (House::new(), StandIn::start());
    let rsyslog = Rsyslog::start(&house.at("rsyslog"), true);
    let to = format!("syslog+tls://localhost:{}", rsyslog.port);
    let authority = house.at("rsyslog/cert.pem").display().to_string();
    house.said(&["alerts", "add", "SIEM", &to, "--authority", &authority]);
    let web = Web::start(&[]);
    hook(&house, &web, "ocsf");
    let socket = agent.socket().display().to_string();
    let each = DETECTIONS / KILLS as usize;
    let mut number = 0;
    for kill in 0..KILLS {
        let server = house.serve_with(&["--agent", &socket]);
        for _ in 0..each {
            number += 1;
            agent.detect("SB-ICU-EVT-03", &format!("It called door {number} of 10.20.0.9"));
            thread::sleep(Duration::from_millis(u64::from(10 + kill * 7)));
        }
        // SIGKILL.
        drop(server);
    }
    let _server = house.serve_with(&["--agent", &socket]);
    let wanted: BTreeSet<String> =
        (1..=DETECTIONS).map(|number| format!("It called door {number} of 10.20.0.9")).collect();
    let logged = until("rsyslog has all of them", || {
        let lines = rsyslog.read();
        let texts = lines.iter().filter_map(|line| line["text"].as_str());
        let all: BTreeSet<(String, String)> = texts
            .map(|text| {
                let (_, sentence) = text.split_once("msg=").unwrap_or_default();
                (sentence.to_owned(), value(text, "externalId="))
            })
            .collect();
        let sentences: BTreeSet<String> = all.iter().map(|(said, _)| said.clone()).collect();
        (sentences == wanted).then_some(all)
    });
    // One that comes twice has the same id both times, and no two share one.
    assert_eq!(logged.len(), DETECTIONS);
    let ids: BTreeSet<&String> = logged.iter().map(|(_, id)| id).collect();
    assert_eq!(ids.len(), DETECTIONS);
    let mut taken = BTreeSet::new();
    while taken.len() < DETECTIONS {
        let came = web.came.recv_timeout(super::PATIENCE).expect("it comes");
        let event: serde_json::Value = serde_json::from_str(&came.1).expect("JSON");
        assert_eq!(event["metadata"]["uid"], field(&came, "webhook-id"));
        taken.insert(field(&came, "webhook-id").to_owned());
    }
    assert_eq!(taken.iter().collect::<BTreeSet<_>>(), ids, "both were told the same");
    until("it is noted", || {
        let lists = house.said(&["alerts", "list", "--json"]);
        lists.lines().all(|line| line.contains("\"waiting\":0")).then_some(())
    });
}
