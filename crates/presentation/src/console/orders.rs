//! *Containment*: what is thought of, asked for, carried out and proved, and who has to answer.
//!
//! Refuses to decide: each answer of a person goes to the agent, which knows the rules.

use std::collections::VecDeque;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::order::Role;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::devices::{self, Device};
use utoipa::ToSchema;

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::intent::{Agent, Intent, Speaker};
use crate::orders::SeenOrder;
use crate::picture::peers;
use crate::planned::SeenPlan;
use crate::sign_in::rights::{self, Right, Who};

/// For how long a containment is asked for, where nothing else is said.
const MINUTES: u32 = 240;

/// Detections that are kept at hand; the eldest goes.
const DETECTIONS: usize = 200;

/// What the agent said when it was last asked.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    pub(crate) orders: Vec<SeenOrder>,
    /// Points that can't be asked what they hold: name and why.
    pub(crate) troubles: Vec<(String, String)>,
    /// What was detected, the last one first.
    pub(crate) detections: VecDeque<SeenDetection>,
    /// Why it says nothing, where it does not.
    pub(crate) silence: Option<String>,
    /// As it said it, but for what changes all the time.
    told: Value,
    /// The number of the last detection.
    last: u64,
}

/// What was detected.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(as = Detection)]
pub(crate) struct SeenDetection {
    /// Its number.
    pub(crate) number: u64,
    /// When.
    pub(crate) at: String,
    /// The rule that saw it.
    pub(crate) rule: String,
    /// The technique of MITRE ATT&CK.
    pub(crate) technique: String,
    /// Which device did it, where that is known.
    pub(crate) device: Option<String>,
    /// From which address.
    pub(crate) source: String,
    /// What was seen.
    pub(crate) evidence: String,
}

impl SeenDetection {
    /// Who did it, as far as that is known.
    pub(crate) fn who(&self) -> &str {
        self.device.as_deref().unwrap_or(&self.source)
    }
}

impl Seen {
    pub(crate) fn differs(&self, other: &Self) -> bool {
        self.told != other.told || self.silence != other.silence || self.last != other.last
    }

    pub(crate) fn order(&self, number: u64) -> Option<&SeenOrder> {
        self.orders.iter().find(|order| order.order == number)
    }

    /// The open order of a device; else its last one.
    pub(crate) fn of_device(&self, device: &str) -> Option<&SeenOrder> {
        let own = || self.orders.iter().filter(|order| order.device == device);
        own().find(|order| is_open(order)).or_else(|| own().next_back())
    }

    pub(crate) fn open(&self) -> Vec<&SeenOrder> {
        self.orders.iter().filter(|order| is_open(order)).collect()
    }
}

/// Whether an order is not over.
pub(crate) fn is_open(order: &SeenOrder) -> bool {
    !matches!(&*order.state, "refused" | "lapsed" | "lifted" | "broken-glass")
}

/// Asks the agent for everything that is another than before.
pub(crate) fn look(agent: &dyn Agent, before: &Seen) -> Seen {
    let console = Speaker::console();
    let mut seen = before.clone();
    match agent.ask(&console, None, &Intent::Status { order: None }) {
        Err(refused) => return Seen { silence: Some(refused.to_string()), ..seen },
        Ok(told) => {
            if let Err(silence) = seen.take_orders(told) {
                return Seen { silence: Some(silence), ..seen };
            }
        }
    }
    let news = Intent::News { after: u64::MAX, detections_after: seen.last, seen_after: i64::MAX };
    let taken = match agent.ask(&console, None, &news) {
        Ok(told) => seen.take_detections(told),
        Err(refused) => Err(refused.to_string()),
    };
    seen.silence = taken.err();
    seen
}

/// What is said where the agent says what this console can't read: an empty list would be false
/// comfort.
fn not_understood(error: &serde_json::Error) -> String {
    format!(
        "The agent says what this console does not understand ({error}); what it holds is not shown here."
    )
}

impl Seen {
    fn take_orders(&mut self, mut told: Value) -> Result<(), String> {
        let orders = told.get_mut("orders").map(Value::take).unwrap_or_default();
        self.orders = serde_json::from_value(orders).map_err(|error| not_understood(&error))?;
        let text = |one: &Value, name: &str| {
            one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let troubles = told.get("troubles").and_then(Value::as_array).into_iter().flatten();
        self.troubles = troubles.map(|one| (text(one, "point"), text(one, "why"))).collect();
        self.told = json!({ "orders": &self.orders, "troubles": &self.troubles });
        Ok(())
    }

    fn take_detections(&mut self, mut told: Value) -> Result<(), String> {
        let found = told.get_mut("detections").map(Value::take).unwrap_or_default();
        let found: Vec<SeenDetection> =
            serde_json::from_value(found).map_err(|error| not_understood(&error))?;
        for detection in found {
            self.last = self.last.max(detection.number);
            self.detections.push_front(detection);
        }
        self.detections.truncate(DETECTIONS);
        Ok(())
    }
}

#[derive(Template)]
#[template(path = "console/orders.html")]
struct List {
    frame: Frame,
    seen: Arc<Seen>,
}

pub(crate) async fn list(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame("Containment", "/orders", &visitor).await?;
    Ok(html(&List { frame, seen: console.seen() }))
}

impl List {
    fn over(&self) -> Vec<&SeenOrder> {
        self.seen.orders.iter().rev().filter(|order| !is_open(order)).collect()
    }
}

#[derive(Template)]
#[template(path = "console/order.html")]
struct One {
    frame: Frame,
    order: SeenOrder,
    device: Option<Device>,
    roles: Vec<Role>,
    /// What it keeps open and what it cuts.
    picture: String,
}

pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u64>,
) -> Result<Html<String>, Wrong> {
    let order = console.seen().order(number).cloned().ok_or(Wrong::Nowhere("order"))?;
    let id = order.device.clone();
    let device = console.read(move |t| devices::one(t, &id)).await?;
    let picture = if is_open(&order) {
        plan(&console, &visitor, &order.device, &order.level).await.ok()
    } else {
        None
    };
    let picture = picture.map(|plan| peers::draw(&plan)).unwrap_or_default();
    let frame = console.frame(&format!("Order {number}"), "/orders", &visitor).await?;
    Ok(html(&One { frame, order, device, roles: roles(&visitor), picture }))
}

impl One {
    fn is_open(&self) -> bool {
        is_open(&self.order)
    }

    fn is_held(&self) -> bool {
        self.order.points.iter().any(|point| point.state != "removed")
    }
}

/// What a containment would do.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Thought {
    level: String,
}

#[derive(Template)]
#[template(path = "console/contain.html")]
struct Preview {
    frame: Frame,
    device: Option<Device>,
    id: String,
    level: String,
    plan: SeenPlan,
    picture: String,
    minutes: u32,
}

impl Preview {
    fn is_level(&self, name: &str) -> bool {
        self.level == name
    }
}

/// The levels, each with what it leaves.
const LEVELS: [(&str, &str); 3] = [
    ("restrict", "only what its model usually does"),
    ("contain", "only what its patient needs"),
    ("isolate", "nothing at all"),
];

pub(crate) async fn think(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Query(thought): Query<Thought>,
) -> Result<Html<String>, Wrong> {
    let level = if thought.level.is_empty() { "contain".to_owned() } else { thought.level };
    let plan = plan(&console, &visitor, &id, &level).await?;
    let picture = peers::draw(&plan);
    let wanted = id.clone();
    let device = console.read(move |t| devices::one(t, &wanted)).await?;
    let frame = console.frame(&format!("Contain {id}"), "/orders", &visitor).await?;
    Ok(html(&Preview { frame, device, id, level, plan, picture, minutes: MINUTES }))
}

/// What a containment of a device would do.
pub(crate) async fn plan(
    console: &Arc<Console>,
    visitor: &Visitor,
    device: &str,
    level: &str,
) -> Result<SeenPlan, Wrong> {
    let intent = Intent::Plan { device: device.to_owned(), level: level.to_owned() };
    let told = ask(console, visitor, None, intent).await?;
    let plan = told.get("plan").cloned().unwrap_or_default();
    serde_json::from_value(plan).map_err(|_| Wrong::Fault)
}

/// What a person says of an order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    device: String,
    level: String,
    pub(crate) reason: String,
    minutes: u32,
    role: String,
    /// Where they want to go afterwards.
    pub(crate) next: String,
}

pub(crate) async fn request(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(said): Form<Said>,
) -> Result<Response, Wrong> {
    let Said { device, level, reason, minutes, role, .. } = said;
    let seconds = minutes.saturating_mul(60);
    let intent = Intent::Request { device, level, reason: because(&reason)?, seconds };
    let told = ask(&console, &visitor, Role::read(&role), intent).await?;
    let order = told.get("order").and_then(Value::as_u64).unwrap_or_default();
    Ok(Redirect::to(&format!("/orders/{order}")).into_response())
}

/// A reason is asked for: whoever reads it later was not there.
pub(crate) fn because(reason: &str) -> Result<String, Wrong> {
    match reason.trim() {
        "" => Err(Wrong::Typed(
            "Write why in a few words: whoever reads it later was not there.".to_owned(),
        )),
        reason => Ok(reason.to_owned()),
    }
}

macro_rules! answers {
    ($($name:ident |$order:ident, $said:ident| $intent:expr;)*) => {$(
        pub(crate) async fn $name(
            State(console): State<Arc<Console>>,
            Extension(visitor): Extension<Visitor>,
            Path($order): Path<u64>,
            Form($said): Form<Said>,
        ) -> Result<Response, Wrong> {
            let (role, next) = (Role::read(&$said.role), $said.next.clone());
            ask(&console, &visitor, role, $intent).await?;
            let back = if next.starts_with("/devices/") { next } else { format!("/orders/{}", $order) };
            Ok(Redirect::to(&back).into_response())
        }
    )*};
}

answers! {
    approve |order, said| Intent::Approve { order };
    refuse |order, said| Intent::Refuse { order, reason: because(&said.reason)? };
    confirm_substitute |order, said| Intent::ConfirmSubstitute { order };
    renew |order, said| Intent::Renew { order, seconds: said.minutes.saturating_mul(60) };
    lift |order, said| Intent::Lift { order, reason: because(&said.reason)? };
}

/// The roles of the interlock that somebody has, or the owner of their token.
pub(crate) fn roles(visitor: &Visitor) -> Vec<Role> {
    visitor.who.iter().flat_map(|who| rights::roles(who, Right::RequestOrder)).collect()
}

/// Asks the agent for a person, and takes what it says then.
pub(crate) async fn ask(
    console: &Arc<Console>,
    visitor: &Visitor,
    role: Option<Role>,
    intent: Intent,
) -> Result<Value, Wrong> {
    // A program speaks as its owner, so that nobody says yes to what their own token asked for.
    let name = visitor.who.as_ref().map(Who::name).unwrap_or_default().to_owned();
    let speaker = Speaker { name, roles: roles(visitor) };
    let own = Arc::clone(console);
    let is_thought = matches!(intent, Intent::Plan { .. } | Intent::Status { .. });
    let asked = tokio::task::spawn_blocking(move || {
        let told = own.agent.ask(&speaker, role, &intent);
        if !is_thought {
            own.look_at_orders();
        }
        told
    });
    Ok(asked.await.map_err(|_| Wrong::Fault)??)
}

#[cfg(test)]
mod tests {
    use domain::order::Role;
    use serde_json::{Value, json};

    use super::{Seen, look};
    use crate::intent::{Agent, Intent, Refused, Speaker};

    /// An agent that says this of its orders, and of what it detected.
    struct Says(Value, Value);

    impl Agent for Says {
        fn ask(&self, _: &Speaker, _: Option<Role>, what: &Intent) -> Result<Value, Refused> {
            match what {
                Intent::Status { .. } => Ok(json!({ "orders": self.0 })),
                _ => Ok(json!({ "detections": self.1 })),
            }
        }
    }

    #[test]
    fn an_agent_that_is_not_understood_is_told_and_not_taken_for_one_that_holds_nothing() {
        let seen = look(&Says(json!([]), json!([])), &Seen::default());
        assert_eq!(seen.silence, None);
        for says in [
            Says(json!([{ "order": "one" }]), json!([])),
            Says(json!([]), json!([{ "number": "one" }])),
        ] {
            let seen = look(&says, &Seen::default());
            let silence = seen.silence.expect("told");
            assert!(silence.contains("does not understand"), "{silence}");
        }
    }
}
