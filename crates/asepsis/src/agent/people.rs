//! Who asks: whose account the kernel names, and for whom the console speaks.
//!
//! Refuses to believe a name that anybody types: only the console's account, and whoever runs in
//! this process, may say for whom they speak; and of a person who is in the configuration the
//! console can't say more than that does.

use std::collections::{BTreeMap, BTreeSet};

use domain::order::{Actor, Door, Role};

use super::talk::Voice;
use crate::configuration::Account;

/// The longest name of a person, in bytes.
const NAME: usize = 100;

/// By which way a question came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// By the socket: the account that the kernel names.
    Account(u32),
    /// From within this process: the console that runs in it.
    Within,
}

/// Who asks.
#[derive(Debug)]
pub(super) enum Who {
    /// A person.
    Person(Account),
    /// The console, for nobody: it may look.
    Console,
}

impl Who {
    /// The person, in the role that was named, or in the only one that fits.
    pub(super) fn acts(&self, named: Option<&str>, fitting: &[Role]) -> Result<Actor, String> {
        match self {
            Self::Person(account) => account.acts(named, fitting),
            Self::Console => Err("the console looks and does not act: say for whom".to_owned()),
        }
    }
}

/// Everybody who may ask.
#[derive(Debug, Default)]
pub(super) struct People {
    accounts: BTreeMap<u32, Account>,
    /// The console's account.
    console: Option<u32>,
}

impl People {
    pub(super) fn new(accounts: BTreeMap<u32, Account>, console: Option<u32>) -> Self {
        Self { accounts, console }
    }

    /// Who asks, where somebody called and may have said for whom.
    pub(super) fn who(&self, caller: Caller, spoken: Option<&Voice>) -> Result<Who, String> {
        let is_console = match caller {
            Caller::Within => true,
            Caller::Account(account) => self.console == Some(account),
        };
        match (caller, spoken) {
            (_, Some(voice)) if is_console => self.spoken_for(voice).map(Who::Person),
            (Caller::Account(account), Some(_)) => Err(format!(
                "the account {account} may not speak for others: only the console's may, which \
                 the [console] section of the configuration names"
            )),
            (Caller::Account(account), None) if !is_console => {
                self.accounts.get(&account).cloned().map(Who::Person).ok_or_else(|| {
                    format!(
                        "the account {account} is nobody's in the configuration; a [people.NAME] \
                         section there says whose it is"
                    )
                })
            }
            _ => Ok(Who::Console),
        }
    }

    /// The person for whom the console speaks.
    fn spoken_for(&self, voice: &Voice) -> Result<Account, String> {
        let name = voice.name.trim();
        if name.is_empty() || name.len() > NAME || name.chars().any(char::is_control) {
            return Err(format!("a person has a name, of at most {NAME} bytes and in one line"));
        }
        let mut roles = BTreeSet::new();
        for text in &voice.roles {
            let role = Role::read(text).ok_or_else(|| {
                format!("`{text}` is no role: write security, clinical or biomedical")
            })?;
            roles.insert(role);
        }
        let is_named = |known: &&Account| known.name.trim().to_lowercase() == name.to_lowercase();
        let known = self.accounts.values().find(is_named);
        if let Some(known) = known
            && let Some(role) = roles.iter().find(|role| !known.roles.contains(role))
        {
            return Err(format!(
                "{} may not act as `{}`, whatever the console says: the configuration gives them \
                 other roles",
                known.name,
                role.text()
            ));
        }
        let name = known.map_or_else(|| name.into(), |known| known.name.clone());
        Ok(Account { name, roles, door: Door::Console })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use domain::order::{Actor, Door, Role};

    use super::{Account, Caller, People, Voice, Who};

    const ANNA: u32 = 7;
    const CONSOLE: u32 = 8;

    fn people() -> People {
        let (name, roles) = ("Anna".into(), BTreeSet::from([Role::Security]));
        let anna = Account { name, roles, door: Door::Account };
        People::new(BTreeMap::from([(ANNA, anna)]), Some(CONSOLE))
    }

    fn voice(name: &str, roles: &[&str]) -> Voice {
        Voice { name: name.to_owned(), roles: roles.iter().map(|r| (*r).to_owned()).collect() }
    }

    #[test]
    fn only_the_console_speaks_for_others() {
        let nora = voice("Nora", &["clinical"]);
        for caller in [Caller::Account(CONSOLE), Caller::Within] {
            let who = people().who(caller, Some(&nora)).expect("it may");
            let by = who.acts(None, &[Role::Clinical]).expect("her only role");
            assert_eq!(by, Actor::Person("Nora".into(), Role::Clinical, Door::Console));
        }
        for other in [ANNA, 0, 9] {
            let no = people().who(Caller::Account(other), Some(&nora)).expect_err("refused");
            assert!(no.contains("only the console's may"), "{no}");
        }
        let nobody = People::default().who(Caller::Account(CONSOLE), Some(&nora));
        assert!(nobody.expect_err("there is no console").contains("may not speak for others"));
    }

    #[test]
    fn for_nobody_the_console_looks_and_does_not_act() {
        for caller in [Caller::Account(CONSOLE), Caller::Within] {
            let who = people().who(caller, None).expect("it may look");
            assert!(matches!(who, Who::Console));
            assert!(who.acts(None, &Role::ALL).expect_err("for whom").contains("say for whom"));
        }
        assert!(people().who(Caller::Account(9), None).expect_err("nobody").contains("nobody's"));
    }

    #[test]
    fn of_whom_the_configuration_knows_the_console_cannot_say_more() {
        let within = |voice: &Voice| people().who(Caller::Within, Some(voice));
        let no = within(&voice("aNNA", &["security", "clinical"])).expect_err("refused");
        assert!(no.contains("Anna may not act as `clinical`"), "{no}");
        let who = within(&voice(" anna ", &["security"])).expect("her own role");
        let by = who.acts(None, &[]).expect("her only role");
        assert_eq!(by, Actor::Person("Anna".into(), Role::Security, Door::Console));
    }

    #[test]
    fn what_is_no_name_or_no_role_is_refused() {
        let long = "n".repeat(101);
        for (name, role) in
            [("", "clinical"), (" ", "clinical"), ("a\nb", "clinical"), (&long, "clinical")]
        {
            assert!(people().who(Caller::Within, Some(&voice(name, &[role]))).is_err(), "{name}");
        }
        let no = people().who(Caller::Within, Some(&voice("Nora", &["nurse"])));
        assert!(no.expect_err("no role").contains("write security"));
    }
}
