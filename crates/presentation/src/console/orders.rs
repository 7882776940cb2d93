//! *Containment*: what is thought of, asked for, carried out and proved, and who has to answer.
//!
//! Refuses to decide: each answer of a person goes to the agent, which knows the rules.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::order::Role;
use serde::Deserialize;
use serde_json::{Value, json};
use store::audit::{self, Entry};
use store::database::Transaction;
use store::devices::{self, Device};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, flows, words};
use crate::intent::{Agent, Intent, Refused, Speaker};
use crate::orders::SeenOrder;
use crate::picture::peers;
use crate::planned::SeenPlan;
use crate::sign_in::rights::{self, Right, Who};
use crate::text::Text;

/// For how long a containment is asked for, where nothing else is said.
pub(super) const MINUTES: u32 = 240;

/// What the agent said when it was last asked.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    pub(crate) orders: Vec<SeenOrder>,
    /// Points that can't be asked what they hold: name and why.
    pub(crate) troubles: Vec<(String, String)>,
    /// How far its clock is from the machine's, in a sentence, where it is.
    pub(crate) clock: Option<String>,
    /// Why it says nothing, where it does not.
    pub(crate) silence: Option<String>,
    /// As it said it, but for what changes all the time.
    told: Value,
}

impl Seen {
    /// Before the agent was asked for the first time: nothing is known yet.
    pub(crate) fn unasked() -> Self {
        Self { silence: Some("The agent was not asked yet.".to_owned()), ..Self::default() }
    }

    pub(crate) fn differs(&self, other: &Self) -> bool {
        self.told != other.told || self.silence != other.silence
    }

    pub(crate) fn order(&self, number: u64) -> Option<&SeenOrder> {
        self.orders.iter().find(|order| order.order == number)
    }

    /// The order by which a device stands as it does: of several the strictest that is carried out;
    /// else the one that is nearest to it, and the newest of these; else its last one.
    pub(crate) fn of_device(&self, device: &str) -> Option<&SeenOrder> {
        self.of(device).max_by_key(|order| {
            let strict = if is_begun(order) { strictness(order) } else { 0 };
            (is_open(order), strict, order.approved_by.len(), order.order)
        })
    }

    /// The order for which a clinician's yes is missing, where it would hold the device more
    /// strictly than it is held already; of several the one that is nearest to being carried out,
    /// and the newest of these.
    pub(crate) fn asks_a_clinician(&self, device: &str) -> Option<&SeenOrder> {
        let begun = self.of(device).filter(|order| is_begun(order));
        let held = begun.map(strictness).max().unwrap_or_default();
        let is_missing = |order: &&SeenOrder| {
            let is_given = order.approved_as.iter().any(|role| role == Role::Clinical.text());
            let waits = is_open(order) && order.waits_for.is_some() && !is_given;
            waits && strictness(order) > held
        };
        let asks = self.of(device).filter(is_missing);
        asks.max_by_key(|order| (order.approved_by.len(), strictness(order), order.order))
    }

    /// The open order of a device at a level; of several the one that is nearest to being carried
    /// out.
    fn at_level(&self, device: &str, level: &str) -> Option<&SeenOrder> {
        let own = self.of(device).filter(|order| is_open(order) && order.level == level);
        own.max_by_key(|order| (is_begun(order), order.approved_by.len(), order.order))
    }

    fn of<'s, 'd>(&'s self, device: &'d str) -> impl Iterator<Item = &'s SeenOrder> + use<'s, 'd> {
        self.orders.iter().filter(move |order| order.device == device)
    }

    /// Those that are not over: of devices that keep a patient alive first, then of those in use,
    /// what waits before what is held, and what was asked for longer ago before what came since.
    pub(crate) fn open(&self) -> Vec<&SeenOrder> {
        let mut open: Vec<&SeenOrder> = self.orders.iter().filter(|one| is_open(one)).collect();
        open.sort_by_key(|order| care_first(order));
        open
    }
}

/// Whether a point holds something of it, or was told to.
pub(super) fn is_begun(order: &SeenOrder) -> bool {
    is_open(order) && order.points.iter().any(|point| point.state != "removed")
}

/// What comes first for care, by what the agent knows of the device; what is unknown counts.
fn care_first(order: &SeenOrder) -> (bool, bool, bool, &str, u64) {
    let may_sustain = order.criticality.as_deref().is_none_or(|own| own == "life-sustaining");
    let in_use = order.in_use.unwrap_or(true);
    (!may_sustain, !in_use, order.waits_for.is_none(), &order.asked, order.order)
}

/// How far an order cuts off, from 1.
fn strictness(order: &SeenOrder) -> usize {
    1 + words::LEVELS.iter().position(|level| *level == order.level).unwrap_or_default()
}

/// Whether an order is not over.
pub(crate) fn is_open(order: &SeenOrder) -> bool {
    !matches!(&*order.state, "refused" | "lapsed" | "lifted" | "broken-glass")
}

/// Asks the agent for the orders.
pub(crate) fn look(agent: &dyn Agent, before: &Seen) -> Seen {
    let console = Speaker::console();
    let mut seen = before.clone();
    let taken = match agent.ask(&console, None, &Intent::Status { order: None }) {
        Ok(told) => seen.take_orders(told),
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
        self.clock = told.get("clock").and_then(Value::as_str).map(str::to_owned);
        self.told = json!({
            "orders": &self.orders, "troubles": &self.troubles, "clock": &self.clock,
        });
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
    let frame = console.frame(visitor.text.orders_title(), "/orders", &visitor).await?;
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
    let picture = match picture {
        Some(plan) => pictured(&console, visitor.text, plan).await?,
        None => String::new(),
    };
    let frame =
        console.frame(visitor.text.order_title(number.to_string()), "/orders", &visitor).await?;
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
    /// Where that is asked for, or so already, who looks for it should answer that.
    already: Option<SeenOrder>,
}

impl Preview {
    fn is_level(&self, name: &str) -> bool {
        self.level == name
    }
}

pub(crate) async fn think(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Query(thought): Query<Thought>,
) -> Result<Html<String>, Wrong> {
    let level = if thought.level.is_empty() { "contain".to_owned() } else { thought.level };
    let plan = plan(&console, &visitor, &id, &level).await?;
    let picture = pictured(&console, visitor.text, plan.clone()).await?;
    let wanted = id.clone();
    let device = console.read(move |t| devices::one(t, &wanted)).await?;
    let frame = console.frame(visitor.text.contain_title(&id), "/orders", &visitor).await?;
    let already = console.seen().at_level(&id, &level).cloned();
    Ok(html(&Preview { frame, device, id, level, plan, picture, minutes: MINUTES, already }))
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

/// A plan as a picture, in which whoever the inventory knows has a name.
async fn pictured(console: &Arc<Console>, text: Text, plan: SeenPlan) -> Result<String, Wrong> {
    let draw = move |transaction: &mut Transaction<'_>| {
        let named = flows::named(transaction, &flows::planned(&plan))?;
        let names = named.into_iter().map(|(address, device)| (address, device.id)).collect();
        Ok(peers::draw(text, &plan, &names))
    };
    console.read(draw).await
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

impl Said {
    fn why(&self, visitor: &Visitor) -> Result<String, Wrong> {
        because(visitor.text, &self.reason)
    }

    fn seconds(&self) -> u32 {
        self.minutes.saturating_mul(60)
    }
}

pub(crate) async fn request(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(said): Form<Said>,
) -> Result<Response, Wrong> {
    let Said { device, level, reason, minutes, role, next } = said;
    let seconds = minutes.saturating_mul(60);
    let intent =
        Intent::Request { device, level, reason: because(visitor.text, &reason)?, seconds };
    let told = ask(&console, &visitor, Role::read(&role), intent).await?;
    let order = told.get("order").and_then(Value::as_u64).unwrap_or_default();
    Ok(Redirect::to(&back(next, order)).into_response())
}

/// A reason is asked for: whoever reads it later was not there.
pub(crate) fn because(text: Text, reason: &str) -> Result<String, Wrong> {
    match reason.trim() {
        "" => Err(Wrong::Typed(text.contain_write_why().to_owned())),
        reason => Ok(reason.to_owned()),
    }
}

/// Where somebody goes afterwards: back to the page of the device, or of the map, that they came
/// from; else to the order.
fn back(next: String, order: u64) -> String {
    let is_ours = next.starts_with("/devices/") || next.starts_with("/map?device=");
    if is_ours { next } else { format!("/orders/{order}") }
}

macro_rules! answers {
    ($($name:ident |$visitor:ident, $order:ident, $said:ident| $intent:expr;)*) => {$(
        pub(crate) async fn $name(
            State(console): State<Arc<Console>>,
            Extension($visitor): Extension<Visitor>,
            Path($order): Path<u64>,
            Form($said): Form<Said>,
        ) -> Result<Response, Wrong> {
            let (role, next) = (Role::read(&$said.role), $said.next.clone());
            ask(&console, &$visitor, role, $intent).await?;
            Ok(Redirect::to(&back(next, $order)).into_response())
        }
    )*};
}

answers! {
    approve |visitor, order, said| Intent::Approve { order };
    refuse |visitor, order, said| Intent::Refuse { order, reason: said.why(&visitor)? };
    confirm_substitute |visitor, order, said| Intent::ConfirmSubstitute { order };
    renew |visitor, order, said| Intent::Renew { order, seconds: said.seconds() };
    lift |visitor, order, said| Intent::Lift { order, reason: said.why(&visitor)? };
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
    let (actor, at_ms) = (visitor.actor(), visitor.now_ms);
    let asked = tokio::task::spawn_blocking(move || {
        let told = own.agent.ask(&speaker, role, &intent);
        if !is_thought {
            own.look_at_orders();
            let entry = Entry { at_ms, actor, ..entry(&intent, &told) };
            // What was answered stands in the agent's journal as well, and holds up nobody.
            let _ = own.database.write("note what was asked", |transaction| {
                audit::append(transaction, &entry).map(drop)
            });
        }
        told
    });
    Ok(asked.await.map_err(|_| Wrong::Fault)??)
}

/// What somebody asked of the agent, for the audit chain, and what came of it.
fn entry(intent: &Intent, told: &Result<Value, Refused>) -> Entry {
    let mut detail = match serde_json::to_value(intent) {
        Ok(Value::Object(words)) => words,
        _ => serde_json::Map::new(),
    };
    let text = |value: Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
    let asked = text(detail.remove("ask")).unwrap_or_default();
    let subject = text(detail.remove("device")).or_else(|| {
        let order = detail.remove("order").and_then(|order| order.as_u64());
        order.map(|order| format!("order {order}"))
    });
    match told {
        Ok(told) => {
            let order = told.get("order").filter(|order| order.is_u64());
            detail.extend(order.map(|order| ("order".to_owned(), order.clone())));
        }
        Err(refused) => {
            detail.insert("refused".to_owned(), refused.to_string().into());
        }
    }
    Entry {
        at_ms: 0,
        actor: String::new(),
        action: format!("order.{asked}"),
        subject: subject.unwrap_or_default(),
        detail: Value::Object(detail).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use domain::order::Role;
    use serde_json::{Value, json};

    use super::{Seen, look};
    use crate::intent::{Agent, Intent, Refused, Speaker};
    use crate::orders::{SeenOrder, SeenPoint, Waits};

    /// An agent that says this of its orders.
    struct Says(Value);

    impl Agent for Says {
        fn ask(&self, _: &Speaker, _: Option<Role>, _: &Intent) -> Result<Value, Refused> {
            Ok(json!({ "orders": self.0 }))
        }
    }

    #[test]
    fn an_agent_that_is_not_understood_is_told_and_not_taken_for_one_that_holds_nothing() {
        let seen = look(&Says(json!([])), &Seen::default());
        assert_eq!(seen.silence, None);
        let seen = look(&Says(json!([{ "order": "one" }])), &Seen::default());
        let silence = seen.silence.expect("told");
        assert!(silence.contains("does not understand"), "{silence}");
    }

    fn order(
        order: u64,
        level: &'static str,
        state: &'static str,
        yes: &[&'static str],
    ) -> SeenOrder {
        let waits = Waits { code: "".into(), sentence: "".into() };
        SeenOrder {
            order,
            device: "PUMP-1".to_owned(),
            level: level.into(),
            state: state.into(),
            approved_by: yes.iter().map(|role| format!("somebody ({role})")).collect(),
            approved_as: yes.iter().map(|role| (*role).into()).collect(),
            waits_for: matches!(state, "proposed" | "approved").then_some(waits),
            points: match state {
                "verified" => vec![SeenPoint { state: "applied".into(), ..SeenPoint::default() }],
                _ => Vec::new(),
            },
            ..SeenOrder::default()
        }
    }

    #[test]
    fn of_several_orders_the_one_that_holds_the_device_tells_how_it_stands() {
        let proposed = order(3, "isolate", "proposed", &[]);
        let approved = order(2, "contain", "approved", &["security"]);
        let held = order(1, "restrict", "verified", &["security"]);
        let over = order(4, "isolate", "lifted", &["security", "clinical"]);
        let seen = |orders: &[&SeenOrder]| Seen {
            orders: orders.iter().map(|order| (*order).clone()).collect(),
            ..Seen::default()
        };
        let stands = |orders: &[&SeenOrder]| seen(orders).of_device("PUMP-1").map(|own| own.order);
        assert_eq!(stands(&[&over, &proposed, &approved, &held]), Some(1));
        assert_eq!(stands(&[&proposed, &approved, &over]), Some(2));
        assert_eq!(stands(&[&proposed, &over]), Some(3));
        assert_eq!(stands(&[&over]), Some(4));
        let stricter = order(5, "contain", "verified", &["clinical"]);
        assert_eq!(stands(&[&stricter, &held]), Some(5));
        // A clinician is asked for the one that waits for nobody else.
        let all = seen(&[&proposed, &approved, &held, &stricter, &over]);
        assert_eq!(all.asks_a_clinician("PUMP-1").map(|own| own.order), Some(3), "it is contained");
        let all = seen(&[&proposed, &approved, &held, &over]);
        assert_eq!(all.asks_a_clinician("PUMP-1").map(|own| own.order), Some(2));
        assert!(all.asks_a_clinician("PUMP-2").is_none());
    }

    #[test]
    fn open_orders_stand_in_the_order_of_care() {
        let of =
            |number, criticality: Option<&'static str>, in_use, state, asked: &str| SeenOrder {
                criticality: criticality.map(Into::into),
                in_use,
                asked: asked.to_owned(),
                ..order(number, "contain", state, &[])
            };
        let life = Some("life-sustaining");
        let orders = vec![
            of(1, Some("diagnostic"), Some(false), "proposed", "02:00"),
            of(2, Some("diagnostic"), Some(true), "proposed", "02:01"),
            of(3, life, Some(false), "proposed", "02:02"),
            of(4, life, Some(true), "verified", "02:03"),
            of(5, life, Some(true), "proposed", "02:05"),
            of(6, None, None, "proposed", "02:04"),
        ];
        let seen = Seen { orders, ..Seen::default() };
        let stand: Vec<u64> = seen.open().iter().map(|order| order.order).collect();
        assert_eq!(stand, [6, 5, 4, 3, 2, 1]);
    }
}
