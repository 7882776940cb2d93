### What the console says, in English: one message for each sentence or label, by the page that shows
### it. docs/guides/translate.md tells how another language is added.
###
### `{ $name }` is filled in. `<b>`, `<small>`, `<code>`, `<i>`, `<kbd>` and `<br>` are what they are in HTML; any
### other mark, such as `<order>…</order>`, stands around what becomes a link or is shown in another way.

## Numbers and times

# What stands between each three digits of a large number.
number-thousands = { "\u202F" }
number-decimal = .
# Months, as they are shortened in a date.
time-month =
    { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    }
# A moment to the minute: 30 Nov 2026, 03:05
time-to-minute = { $day } { $month } { $year }, { $clock }
# A moment of these days, to the second: 30 Nov, 03:05:12
time-to-second = { $day } { $month }, { $clock }

## Around every page

base-skip-to-content = Skip to the content
base-search-everything = Search everything
base-search-devices-components-cve = Search devices, components, CVE …
base-sign-out = Sign out
base-places = Places
base-keys = Keys
base-key-search = search everything
base-key-next-row = the next row of a list, the one before
base-key-open = open it
base-key-on-map = from device to device on the map
base-key-help = this help
base-key-close = close it
base-close = Close
# What follows are buttons, each with somebody's name.
base-demonstration = <b>Demonstration.</b> The hospital is made up and its switch is simulated; the agent is real. You are { $who }. Be
base-player = { $who }, { $part }
base-today = Today
base-devices = Devices
base-map = Map
base-containment = Containment
base-vulnerabilities = Vulnerabilities
base-releases = Releases
base-feeds = Feeds
base-documents = Documents
base-audit = Audit
base-people = People
base-nurse-in-charge = nurse in charge
base-biomedical-engineer = biomedical engineer
base-no-agent = No agent watches the network here, so no device can be cut off or freed.

## Lists of devices, wherever they stand

macros-decision = Decision
macros-risk = Risk
macros-device = Device
macros-what = What
macros-where = Where
macros-in-care = In care
macros-do-first = Do first

## Account

account-somebody-else-has-set = Somebody else has set your password. Choose one of your own before anything else.
account-password = Password
account-your-name-for-signing = Your name for signing in
account-new-password-at-least = New password, at least 12 characters
account-same-again = The same again
account-change-it = Change it
account-second-factor = Second factor
account-first-code = First code
account-use-it = Use it
account-where-you-are-signed = Where you are signed in
account-since = Since
account-last-used = Last used
account-from = From
account-with = With
account-this-one = this one
account-sign-out-everywhere-else = Sign out everywhere else
account-tokens-for-programs = Tokens for programs
account-none-token-lets-program = None. A token lets a program act in your name, as far as its scopes go.
account-name = Name
account-scopes = Scopes
account-until = Until
account-state = State
account-revoke = Revoke
account-what-it-is-for = What it is for
account-days-it-lives = Days it lives
account-make-token = Make a token
account-keep-it-now =
    { $count ->
        [one] Keep this now: nobody can show it again.
       *[other] Keep these now: nobody can show it again.
    }
account-app-shows-code = An app on your phone shows a code every half minute. Type this secret into it, or open <address>this address</address> on the phone; then type the first code here.
account-you-have-one =
    { $count ->
        [one] You have one, and { $count } recovery code left.
       *[other] You have one, and { $count } recovery codes left.
    }
account-title = Your account
account-recovery-codes = Recovery codes
account-token = Token
account-revoked = revoked
account-expired = expired
account-in-force = in force
account-no-secret = That is no secret of a second factor.
account-because = { $why }.
account-no-token-was-made = No token was made: { $why }.

## Settings: alerts

alerts-settings = Settings
alerts-title = Alerts
alerts-who-else-is-told = Who else is told what happens
alerts-what-it-is-sent = What it is sent is signed with this secret. It is shown once:
alerts-nobody-else-is-told = Nobody else is told
alerts-siem-chat-or-pager = A SIEM, a chat or a pager can be: by webhook, or by syslog in CEF, OCSF or JSON.
alerts-name = Name
alerts-where = Where
alerts-told-of = Told of
alerts-state = State
alerts-has-taken-none-yet = has taken none yet
alerts-tell-somebody-else = Tell somebody else
alerts-siem = SIEM
alerts-syslog-tls-siem-example = syslog+tls://siem.example:6514 or https://…
alerts-form = Form
alerts-usual-one-cef = the usual one: CEF by syslog, JSON by webhook
alerts-json = JSON
alerts-ocsf = OCSF
alerts-cef = CEF
alerts-also-trust-this-authority = Also trust this authority (PEM)
alerts-add = Add
alerts-stopped = <stopped>stopped</stopped> <moment>{ $since }</moment>: nothing is sent until it is resumed
alerts-failing = <failing>failing</failing> since <moment>{ $since }</moment>, tried again { $next }
alerts-last-took-one = last took one <moment>{ $taken }</moment>
alerts-waiting =
    { $count ->
        [one] { $count } alert waits
       *[other] { $count } alerts wait
    }
alerts-dropped =
    { $count ->
        [one] { $count } alert was dropped for want of room
       *[other] { $count } alerts were dropped for want of room
    }
alerts-refused =
    { $count ->
        [one] { $count } alert it would not take
       *[other] { $count } alerts it would not take
    }
alerts-test = Test
alerts-try-now = Try now
alerts-remove = Remove
alerts-addresses-of-your-own = Addresses within your own network have to be allowed by whoever starts the program, with <code>--alerts-may-reach</code>. Nothing of a patient is sent, and nothing that people have typed.
alerts-of-detections = what was detected on the network
alerts-of-orders = containments: asked for, approved, refused, verified, failed, lifted, glass broken
alerts-of-findings = vulnerabilities that newly ask to act
alerts-of-agent = the agent falls silent, and answers again

## Audit

audit-title = Audit
audit-what-was-done-here = What was done here, and by whom. Rows are only ever added.
audit-row = Row
audit-when = When
audit-who = Who
audit-what = What
audit-to-what = To what
audit-more = More
audit-before-that = Before that
audit-chain-holds = The chain holds. Its head is <head>{ $head }</head>: keep a copy where nobody who may write the store can change it.

## At the bedside

bedside-this-device-is-connected = This device is connected as usual. Nobody has asked to cut it off.
bedside-not-known = It is not known whether this device is cut off: what cuts devices off does not answer.
bedside-last-known = What was last known of it, { $at }: { $what }
bedside-since-then = So it stood when it was last heard. Since then, what cuts devices off does not answer.
bedside-call-security = Nothing can be changed from here until it answers. If the patient needs the device connected, call information security now.
bedside-no-leave-it-connected = No, leave it connected
bedside-why = Why
bedside-no = No
bedside-it-is-connected-again = It is connected again at once, and security is told. Nobody is asked.
bedside-connect-it-now = Connect it now
bedside-on-map = On the map
bedside-patient-needs-it-connected = The patient needs it connected
bedside-break-the-glass = The patient needs it connected: break the glass

## Is it you?

confirm-what-you-are-about = What you are about to do needs to be sure that it is you at this screen.
confirm-code-of-your-second = Code of your second factor
confirm-your-name-for-signing = Your name for signing in
confirm-password = Password
confirm-go-on = Go on
confirm-there-is-nothing-here = There is nothing here by which you could show it: you have no password and no second factor, and nobody is asked who you are. Ask whoever keeps the people of this console.
confirm-sign-out = Sign out
confirm-with = Confirm with { $name }
confirm-your-code = Your code
confirm-is-it-you = Is it you?
confirm-not-right = That is not right.

## What a containment would do

contain-devices = Devices
contain-containment = Containment
contain-level = Level
contain-on-map = on the map
contain-stays-open = Stays open
contain-for = For
contain-with = With
contain-service = Service
contain-why = Why
contain-would-end = Would end
contain-sessions = Sessions
contain-last = Last
contain-who-has-to-say = Who has to say yes
contain-in-use = In use
contain-criticality = Criticality
contain-proved-for = Proved for
contain-for-how-many-minutes = For how many minutes
contain-key = <stays>stays open</stays> · <ends>✕ would end</ends>. From what was seen of it on the network; nothing was done yet.
contain-as-side = as { $side }
contain-protocol-unknown = protocol unknown
contain-last-sign = last sign { $at }
contain-classes-of-packets =
    { $count ->
        [one] { $count } class of packets
       *[other] { $count } classes of packets
    }
contain-asked-already = That is asked for already, by { $by }. <order>Go to order { $order }</order>
contain-ordered-already = That is ordered already, by { $by }. <order>Go to order { $order }</order>
contain-title = Contain { $device }
contain-write-why = Write why in a few words: whoever reads it later was not there.
# Whether the device is in use, as the agent says it.
contain-use =
    { $state ->
        [yes] yes
        [no] no
       *[unknown] { $state }
    }

## Deciding about findings: the form

decide-decide-about = Decide about what is chosen
decide-decision = Decision
decide-choose = choose
decide-not-affected = not affected
decide-false-positive-match = false positive: the match is wrong
decide-risk-accepted-until-day = risk accepted until a day
decide-where-not-affected-why = Where not affected: why
decide-not-said = not said
decide-where-accepted-last-day = Where accepted: the last day
decide-it-holds = It holds for
decide-this-version-of-product = this version of the product
decide-all-versions-of-product = all versions of the product, also those to come
decide-component-in-whatever-product = the component, in whatever product it is
decide-reason = Reason
decide-what-you-know = What you know of it: whoever reads it later was not there
decide-look-what-it-means = Look what it means

## One decision

decision-vulnerabilities = Vulnerabilities
decision-decisions = Decisions
decision-it-no-longer-applies = It no longer applies: no finding that is known now is in its scope. The release may have another version by now, or the advisory may have changed.
decision-everything-is-being-judged = Everything is being judged anew. What it bears on is shown in a moment.
decision-undo-this-decision = Undo this decision
decision-what-it-was-about = What it was about is then as it was before.
decision-what-it-is-about = What it is about
decision-vulnerability = Vulnerability
decision-holds-for = Holds for
decision-title = Decision
decision-decided-by = decided by { $by }, <moment>{ $at }</moment>
decision-not-affected-for = Not affected, for { $why }.
decision-bears-on = It bears on { $findings } in { $releases }, { $devices }.
decision-contradicted =
    { $count ->
        [one] Somebody else says otherwise of { $count } finding. The page of each says who, which of the two was followed, and why.
       *[other] Somebody else says otherwise of { $count } findings. The page of each says who, which of the two was followed, and why.
    }
decision-last-day-has-passed = Its last day, { $day }, has passed: what it was about is open again.
decision-kept-as = It is kept as the document <document>{ $name }</document>.
# Decisions in words, as the title of a page or of a row.
decision-accepted-until = Risk accepted until { $day }
decision-false-positive = False positive
decision-not-affected = Not affected

## Deciding about findings: what it means

decision-preview-vulnerabilities = Vulnerabilities
decision-preview-decisions = Decisions
decision-preview-it-holds-for-all = It holds for all versions of the product, also for those that come later, and so for more releases than these where they have the same flaw.
decision-preview-it-holds-for-this = It holds for this component in every product, and so for more releases than these where they have it.
decision-preview-it-holds-for-these = It holds for these versions. Where a device gets another version, it has to be decided anew.
decision-preview-decide-so = Decide so
decision-preview-go-back-to-change = Go back to change it. It can be undone later.
decision-preview-what-it-is-about = What it is about
decision-preview-verdict-now = Verdict now
decision-preview-vulnerability = Vulnerability
decision-preview-release = Release
decision-preview-in = In
decision-preview-units = Units
decision-preview-decide = Decide
decision-preview-title = { $decision }?
decision-preview-meaning = { $findings } on { $releases }, { $devices }
decision-preview-they-stay = They stay what they are, and are listed as accepted. After { $day } they are open again.

## Decisions

decisions-vulnerabilities = Vulnerabilities
decisions-title = Decisions
decisions-what-was-decided-here = What was decided here about findings. Each is a document, and can be undone.
decisions-nothing-was-decided-yet = Nothing was decided yet
decisions-decision = Decision
decisions-of = Of
decisions-holds-for = Holds for
decisions-reason = Reason
decisions-by = By
decisions-bears-on = Bears on
decisions-that-day-has-passed = that day has passed
decisions-no-longer-applies = no longer applies
decisions-contradicted = contradicted
decisions-being-judged = being judged
decisions-before-that = Before that
decisions-open-one = Open a <vulnerability>vulnerability</vulnerability> or a <release>release</release>, choose findings, and say what they are.

## One detection

detection-detections = Detections
detection-what-it-was = What it was
detection-nobody-has-said-yet = Nobody has said yet.
detection-it-was = It was
detection-choose = choose
detection-why = Why
detection-what-you-know = What you know of it
detection-say-otherwise = Say otherwise
detection-say-so = Say so
detection-what-was-seen = What was seen
detection-when = When
detection-from = From
detection-to = To
detection-on = On
detection-rule-proposes = The rule proposes
detection-title = Detection { $number }
detection-judged = { $judgement }, says { $by } (<moment>{ $at }</moment>): { $reason }
detection-ends-its-place = This ends its place on <today>Today</today>. It frees no device and holds none.
detection-choose-what-it-was = Choose what it was.
# What a detection was, in a list to choose from, and at the beginning of a sentence.
detection-attack = an attack
detection-expected = expected here
detection-mistaken = mistaken
detection-judged-attack = An attack
detection-judged-expected = Expected here
detection-judged-mistaken = Mistaken

## Detections

detections-title = Detections
detections-nothing-was-detected = Nothing was detected
detections-that-says-what-rules = That says what the rules found in what the agent saw. It does not say that nothing happened.
detections-when = When
detections-who = Who
detections-what-was-seen = What was seen
detections-rule = Rule
detections-what-it-was = What it was
detections-not-judged-yet = not judged yet
detections-before-that = Before that
detections-says = says { $by }: { $reason }

## One device

device-devices = Devices
device-what-would-containing = What would containing it do?
device-bedside = Bedside
device-on-map = On the map
device-what-is-known-against = What is known against it
device-its-model = Its model is not known, so nothing can be matched to it.
device-nothing-by-documents = Nothing, by the documents at hand.
device-decision = Decision
device-risk = Risk
device-vulnerability = Vulnerability
device-in = In
device-verdict = Verdict
device-why = why
device-all-of-its-release = All of its release
device-what-changed = What changed
device-came-into-inventory = came into the inventory
device-left-inventory = left the inventory
device-what-it = What it is
device-place = Place
device-care = Care
device-substitutes = Substitutes
device-unknown = unknown
device-release = Release
device-support-ends = Support ends
device-past = past
device-risk-to-care = Risk to care
device-serial = Serial
device-udi-di = UDI-DI
device-system = System
device-mac = MAC
device-ip = IP
device-owner = Owner
device-order = <order>Order { $order }</order>, <state>{ $state }</state>: { $sentence }
device-accepted-until = accepted until { $day }
device-gravest-of = The { $shown } gravest of { $all }.
device-decision-changed = decision { $before } → { $after }
device-version-changed = version { $before } → { $after }
device-risk-of-100 = { $risk } of 100
device-read-from = Read from { $source }

## Devices

devices-export-csv = Export CSV
devices-json = JSON
devices-bring-it-back = Bring it back
devices-saved-lists = Saved lists
devices-for-everybody = for everybody
devices-remove = Remove
devices-words = Words
devices-id-model-address-serial = id, model, address, serial …
devices-unit = Unit
devices-any = any
devices-care-service = Care service
devices-decision = Decision
devices-criticality = Criticality
devices-order = Order
devices-columns = Columns
devices-show = Show
devices-clear = Clear
devices-model = Model
devices-to-act = To act on
devices-gravest = Gravest
devices-unknown = unknown
devices-no-device-fits = No device fits.
devices-show-all = Show all
devices-inventory-is-empty = The inventory is empty.
devices-bring-in-documents = Bring in documents
devices-next = Next
devices-save-this-list-as = Save this list as
devices-save = Save
devices-title = Devices
devices-list-is-removed = The list <b>{ $name }</b> is removed.
# What stands above the columns of the list.
devices-column-decision = Decision
devices-column-risk = Risk
devices-column-device = Device
devices-column-what = What
devices-column-where = Where
devices-column-care = In care
devices-column-action = Do first
devices-column-manufacturer = Maker
devices-column-model = Model
devices-column-version = Version
devices-column-site = Site
devices-column-unit = Unit
devices-column-room = Room
devices-column-service = Care service
devices-column-criticality = Criticality
devices-column-use = In use
devices-column-support = Support ends
devices-column-address = IP
devices-column-mac = MAC
devices-column-serial = Serial
devices-column-system = System
devices-column-owner = Owner
devices-care = { $criticality }, { $used }
devices-yes = yes
devices-no = no
devices-only-with = Only devices with <vulnerability>{ $vulnerability }</vulnerability>.
devices-only-of = Only devices of <release>one release</release>.
devices-only-with-of = Only devices with <vulnerability>{ $vulnerability }</vulnerability> of <release>one release</release>.
devices-count-by = Count by: <unit>unit</unit> · <service>care service</service> · <model>model</model>
devices-count-by-label = Count by

## One document

document-documents = Documents
document-problems = Problems
document-where-and = Where and what
document-what-was-lost = What was lost
document-what-to = What to do
document-when-it-came = When it came
document-take-it-away = Take it away
document-what-it-told-no = What it told no longer counts. It stays in the store, and can be put back.
document-read =
    { $records ->
        [one] { $read } of { $records } record was read.
       *[other] { $read } of { $records } records were read.
    }
document-read-and-refused =
    { $records ->
        [one] { $read } of { $records } record was read; the document was refused or cut short.
       *[other] { $read } of { $records } records were read; the document was refused or cut short.
    }
document-first-of = The first { $shown } of { $all }.
document-came = <moment>{ $at }</moment> from { $source }
document-is-taken-away = It is taken away.
document-is-back = It is back.
document-put-it-back = Put it back

## Documents

documents-title = Documents
documents-all-that-asepsis-knows = All that Asepsis knows, it knows from these.
documents-bring-documents = Bring documents
documents-drop-them-here = Drop them here, or choose them. They are read at once.
documents-no-documents-yet = No documents yet
documents-inventory-csv-xlsx-fhir = An inventory (CSV, XLSX, FHIR), SBOMs (CycloneDX, SPDX), advisories (CSAF, OSV, CVE, NVD), VEX, CISA's catalogue and EPSS are read.
documents-document = Document
documents-format = Format
documents-size = Size
documents-records = Records
documents-read = Read
documents-refused-or-cut-short = refused or cut short
documents-whole = whole
documents-is-kept = is kept
documents-is-kept-instead = is kept, in the place of the one before
documents-server-is-silent = The server did not answer. Try again.

## Feeds

feeds-title = Feeds
feeds-what-is-known = What is known of vulnerabilities, and how old that is.
feeds-all-kinds-of-sources = All kinds of sources are there, and none is old.
feeds-source = Source
feeds-documents = Documents
feeds-records = Records
feeds-size = Size
feeds-last-came = Last came
feeds-what-to = What to do
feeds-today = today
feeds-not-told = not told
feeds-never = never
feeds-missing = Missing.
feeds-old = Old.
feeds-missing-and-old =
    { $missing ->
        [one] { $old ->
            [one] { $missing } kind of source is missing, and { $old } is old. What came since is not judged.
           *[other] { $missing } kind of source is missing, and { $old } are old. What came since is not judged.
        }
       *[other] { $old ->
            [one] { $missing } kinds of sources are missing, and { $old } is old. What came since is not judged.
           *[other] { $missing } kinds of sources are missing, and { $old } are old. What came since is not judged.
        }
    }
feeds-some-missing =
    { $count ->
        [one] { $count } kind of source is missing. What came since is not judged.
       *[other] { $count } kinds of sources are missing. What came since is not judged.
    }
feeds-some-old =
    { $count ->
        [one] { $count } is old. What came since is not judged.
       *[other] { $count } are old. What came since is not judged.
    }
feeds-with-problems = { $count } with problems
feeds-with-problems-in-base = { $count } in the base with problems
feeds-days-ago =
    { $count ->
        [one] { $count } day ago
       *[other] { $count } days ago
    }
feeds-nothing-now =
    { $count ->
        [one] nothing now; old after { $count } day
       *[other] nothing now; old after { $count } days
    }
feeds-of-the-base =
    { $count ->
        [one] Of these, { $count } record stands in the base, which was made <moment>{ $at }</moment>.
       *[other] Of these, { $count } records stand in the base, which was made <moment>{ $at }</moment>.
    }
feeds-put-what-you-fetch = Put what you fetch into a folder that is watched, or bring it in under <documents>documents</documents>. The console fetches nothing by itself: asepsis feed sync does, into such a folder.
# Kinds of sources, and what to do where one is old.
feeds-epss = EPSS, the chance of being exploited
feeds-epss-to-do = FIRST makes it anew each day (first.org/epss).
feeds-kev = CISA's known exploited vulnerabilities
feeds-kev-to-do = CISA adds to it within days (cisa.gov/kev).
feeds-nvd = NVD, scores and names of products
feeds-nvd-to-do = NIST changes it each day (nvd.nist.gov).
feeds-cve = CVE records
feeds-cve-to-do = The CVE programme adds to them each hour (github.com/CVEProject/cvelistV5).
feeds-csaf = Advisories in CSAF, of CISA and makers
feeds-csaf-to-do = CISA and makers publish each week (github.com/cisagov/CSAF).
feeds-osv = OSV, flaws of open source
feeds-osv-to-do = It changes each day (osv.dev).
feeds-vex = VEX, what makers say of their own products
feeds-vex-to-do = Ask makers for what they publish.
feeds-sbom = SBOMs, what releases are made of
feeds-sbom-to-do = Ask makers for one of each release that you run.

## Why a finding holds

finding-devices = Devices
finding-why = Why
finding-what-it-means-here = What it means here
finding-decision = Decision
finding-risk-to-care = Risk to care
finding-likelihood = Likelihood
finding-effect-on-care = Effect on care
finding-certainty = Certainty
finding-in = In
finding-on = <vulnerability>{ $vulnerability }</vulnerability> on { $device }
finding-rule = <code>{ $rule }</code> · what would reverse it: { $reverse }
finding-from-to = { $low } to { $high }
finding-title = { $vulnerability } on { $device }

## One device: who it is on the network

identity-on-network = On the network
identity-seen = Seen
identity-it-looks-like = It looks like
identity-no-sign-tells = no sign tells
identity-interface = Interface
identity-behind-router = Behind a router
identity-answers-on = Answers on
identity-one-device = One device, for
identity-what-devices-say = What devices say of themselves may be wrong or a lie.
identity-last = last <moment>{ $at }</moment>
identity-first = first { $at }

## Coming in by an invitation

invitation-come-in = Come in
invitation-this-address-lets-one = This address lets one person in, once.

## Map

map-put-together = Put together by
map-by-unit = by unit
map-by-care-service = by care service
map-whole-hospital = the whole hospital
map-suspected = suspected
map-close = Close
map-level = Level
map-would-end = would end
map-why = Why
map-minutes = Minutes
map-its-page = Its page
map-bedside = Bedside
map-no-device-is-known = No device is known yet
map-map-is-drawn-from = The map is drawn from the inventory.
map-bring-in-documents = Bring in documents
map-stays-open = stays open
map-who-is-at-other = Who is at the other end
map-nothing-was-seen = Nothing was seen of it on the network, so nobody knows what a containment would cut.
map-what-becomes = What becomes of it
map-what-for = What for
map-with = With
map-service = Service
map-sessions = Sessions
map-last = Last
map-who-stands-out = Who stands out
map-title = Map
map-speaks-with =
    { $count ->
        [one] It was seen to speak with { $count } other. Nothing is held.
       *[other] It was seen to speak with { $count } others. Nothing is held.
    }
map-connected-for = What it is connected for is not known: { $why }
# The levels are links.
map-another-level = Another level: { $levels }
map-what-would = What would it do to { $levels } it?
map-counts = <stays>✓ { $stays } stay open</stays>, <ends>✕ { $ends } would end</ends>
map-counts-cut = <stays>✓ { $stays } stay open</stays>, <ends>✕ { $ends } cut</ends>
map-order = Order { $order }
map-order-answer = Order { $order }: answer
map-is-cut = is cut
map-seen = seen
map-nothing-known = nothing known
# Over the map, and under it: how many devices stand how.
map-devices-in-units = { $devices } in { $places }
map-units =
    { $count ->
        [one] { $count } unit
       *[other] { $count } units
    }
map-care-services =
    { $count ->
        [one] { $count } care service
       *[other] { $count } care services
    }
map-how-many = { $count } { $state }
# In the middle of the map, a line each.
map-choose-first-line = Choose a device
map-choose-second-line = to see whom it speaks with,
map-choose-third-line = and what holding it does.
map-not-known-first-line = What it is connected for
map-not-known-second-line = is not known.
map-not-seen-first-line = It was not seen to speak
map-not-seen-second-line = with anybody yet.
map-picture-of-all = The hospital by unit, each device a tile
map-picture-of-one = The hospital by unit, and whom { $device } speaks with: { $stays } stay open, { $ends } end
map-to-act-on = { $count } to act on
map-unit-unknown = Unit unknown
map-care-service-unknown = Care service unknown
map-group-unit-unknown = unit unknown
map-group-care-service-unknown = care service unknown
map-nothing-known-against-it = nothing known against it
map-tile = { $device }: { $product }, { $decision }, { $used }
map-tile-with-state = { $tile }, { $state }
map-unit-with = { $unit }: { $devices } with { $system }
map-device-with = { $device } with { $peer }: { $what }
map-flow = { $role }, { $service }, { $fate }
map-clinical-systems = Clinical systems
map-other-systems = Not needed for care
map-and-more-below = and { $count } more, below
map-share = { $unit }: { $decision }, { $count }

## One device: what happened to it, and with whom it speaks

network-what-happened = What happened to it
network-with-whom-it-speaks = With whom it speaks
network-other-end = Other end
network-by = By
network-what-for = What for
network-how-often = How often
network-last-seen = Last seen
network-this-device-begins = this device begins
network-other-end-begins = the other end begins
network-step = <order>Order { $order }</order>: { $what }
network-detected = <detection>Detected</detection>: { $evidence }
network-judged = { $rule } · { $judgement }, says { $by }
network-not-judged-yet = { $rule } · not judged yet

## One order

order-containment = Containment
order-your-answer = Your answer
order-as = As
order-why-not = Why not
order-no = No
order-substitute-is-running = A substitute is running
order-minutes-from-now = Minutes from now
order-give-it-more-time = Give it more time
order-why = Why
order-lift-it = Lift it
order-page-for-bedside = The page for the bedside
order-on-map = On the map
order-stays-open = stays open
order-would-end = would end
order-what-happened = What happened
order-what-is-shown = What is shown
order-asked-by = Asked by
order-said-yes = Said yes
order-nobody-yet = nobody yet
order-substitute = Substitute
order-stopped = Stopped
order-care-went = Care went on
order-last-forbidden-packet = Last forbidden packet that got on
order-none-since-act-began = none since the act began
order-holds-until = Holds until
order-what-it-keeps-open = What it keeps open
order-title = Order { $order }
order-confirmed-by = confirmed by { $by }
order-forbidden-packets =
    { $count ->
        [one] { $count } forbidden packet
       *[other] { $count } forbidden packets
    }

## What an order says to whoever reads it

asked-not-cut-off = { $device } is not cut off yet.
asked-you-said-yes = You said yes at { $at }.
asked-by-you = You asked for this yourself.
asked-yours = Your yes is missing.
asked-yours-and-security = Your yes is missing, and that of somebody from information security.
asked-yours-and-clinical = Your yes is missing, and that of somebody who cares for the patient.
asked-yours-and-one-more = Your yes is missing, and that of one more person.
asked-both = Somebody from information security and somebody who cares for the patient still have to say yes.
asked-security = Somebody from information security still has to say yes.
asked-clinical = Somebody who cares for the patient still has to say yes.
asked-one-more = One more person has to say yes.
asked-bedside = Somebody at the bedside has to confirm, now, that a substitute is running.
asked-said-yes = { $yes } of { $people } said yes
asked-lapses = Lapses in { $left } if nobody answers, at { $at }.
asked-ends = Lapses in { $left }, at { $at }, if it can't be carried out until then.
asked-held-until = Held until { $at }, { $left } left.
asked-minutes = { $minutes } min
asked-hours = { $hours } h
asked-hours-and-minutes = { $hours } h { $minutes } min

## Containment

orders-title = Containment
orders-no-device-is-held = No device is held, and nobody is asked.
orders-not-known = It is not known whether a device is held: what cuts devices off does not answer. The page of each device says what was last known of it.
orders-to-contain-one-open = To contain one, open its page and see first what it would do.
orders-open = Open
orders-over = Over
orders-by = order { $order }, by { $by }
orders-trouble = { $name } can't be asked what it holds: { $why }

## People

people-title = People
people-who-may-sign = Who may sign in, and what they are there for. Nobody is removed: the audit names them.
people-name = Name
people-there-for = There for
people-second-factor = Second factor
people-save = Save
people-yes = yes
people-none = none
people-let-in-again = Let in again
people-let-in-no-more = Let in no more
people-new-password = New password
people-take-second-factor-away = Take second factor away
people-add-somebody = Add somebody
people-name-for-signing = Name for signing in
people-name-as-others-see = Name as others see it
people-add = Add
people-hand-over = Hand this first password to { $name }; it is shown once, and they change it when they sign in: <code>{ $password }</code>
people-may-not-sign-in = may not sign in
people-nobody-was-added = Nobody was added: { $why }.
people-nothing-was-changed = Nothing was changed: { $why }.

## Settings: sign-in by a provider

provider-settings = Settings
provider-title = Sign-in by a provider
provider-whom-hospital-asks-who = Whom the hospital asks who somebody is (OpenID Connect)
provider-issuer = Issuer
provider-client = Client
provider-comes-back = Comes back to
provider-asked-for = Asked for
provider-duties = Duties
provider-since = Since
provider-last = Last
provider-nobody-has-come = nobody has come by it since the program began
provider-ask-it-now = Ask it now
provider-who-comes = Who comes in by its word
provider-nobody-yet = Nobody yet.
provider-name = Name
provider-there-for = There for
provider-subject-at-provider = Subject at the provider
provider-nothing-yet = nothing yet
provider-say-what = say what
provider-nobody-is-asked = Nobody is asked
provider-client-with-secret = <client>{ $client }</client>, with a secret, by { $way }
provider-public-client = <client>{ $client }</client>, a public one
provider-by-claim = by the claim <code>{ $claim }</code>, read anew at each sign-in:
provider-gives = <code>{ $value }</code> gives { $duty }
provider-given-under = given under <people>People</people>; whoever is new has none
provider-since-by = <moment>{ $at }</moment>, by { $by }
provider-nobody-came = <moment>{ $at }</moment>: nobody came in: <why>{ $why }</why>
provider-somebody-came = <moment>{ $at }</moment>: somebody came in, or it answered
provider-it-answers = It answers, and what it says of itself can be used.
provider-failure = { $why } ({ $more }.)
provider-you-are-signed-in = You are signed in
provider-how-to-set = People sign in with a password of this console. Whoever keeps the machine can have the hospital's own sign-in asked beside it: <code>asepsis sign-in set</code>.
provider-scopes = openid { $scopes }
provider-acr = acr { $values }
provider-amr = amr { $values }
provider-or = { $first } or { $second }
provider-and = { $first } and { $second }

## One release

release-releases = Releases
release-affected = affected
release-undecided = undecided
release-fixed = fixed
release-not-affected = not affected
release-components = components
release-what-is-known = What is known
release-nothing-by-documents = Nothing, by the documents at hand.
release-all-that-are-shown = all that are shown and open
release-decisions-so-far = decisions so far
release-choose = Choose
release-verdict = Verdict
release-vulnerability = Vulnerability
release-in = In
release-why = Why
release-version-unknown = version unknown
release-what-it-is-made = What it is made of
release-no-sbom-describes = No SBOM describes it. Ask its maker for one: under section 524B of the FD&C Act they have one for every device of 2023 and later.
release-component = Component
release-version = Version
release-licence = Licence
release-identifier = Identifier
release-support = Support
release-none-told = none told
release-next = Next
release-first = First
release-title = Release
release-choose-one = Choose { $vulnerability } in { $subject }
release-quality =
    { $whole ->
        [one] { $whole } component tells all that every component should (NTIA's minimum elements: { $elements }), of { $count }. Author, time and what depends on what stand in the document; <code>asepsis sbom check</code> judges those, too.
       *[other] { $whole } components tell all that every component should (NTIA's minimum elements: { $elements }), of { $count }. Author, time and what depends on what stand in the document; <code>asepsis sbom check</code> judges those, too.
    }
# An element, and how much of it is told.
release-element = { $element } { $percent } %
release-until = until { $day }
release-supplier = supplier
release-name = name
release-version-element = version
release-unique-identifier = unique identifier
# Links, one after the other.
release-compare-with = Compare with { $releases }
release-by = By { $documents }
release-heading-supplier = Supplier

## Two releases

release-diff-releases = Releases
release-diff-what-differs = What differs
release-diff-other-way = the other way
release-diff-open-only-in-second = open only in the second
release-diff-open-only-in-first = open only in the first
release-diff-components-added = components added
release-diff-removed = removed
release-diff-changed = changed
release-diff-same = the same
release-diff-they-have-more-components = They have more components than are compared; what comes after them is not.
release-diff-heading-second = Open only in the second
release-diff-none = None.
release-diff-heading-first = Open only in the first
release-diff-nothing-is-known = nothing is known of it for the second
release-diff-heading-changed = Changed
release-diff-component = Component
release-diff-before = Before
release-diff-after = After
release-diff-licence = Licence
release-diff-added = Added
release-diff-heading-removed = Removed
release-diff-title = { $first } and { $second }
release-diff-from-to = from <first>{ $from }</first> to <second>{ $to }</second>
release-diff-no-sbom-of-either = No SBOM describes either of them: what came and went of components can't be told. Ask the maker for one, and bring it in under <documents>documents</documents>.
release-diff-no-sbom-of-first = No SBOM describes the first: what came and went of components can't be told. Ask the maker for one, and bring it in under <documents>documents</documents>.
release-diff-no-sbom-of-second = No SBOM describes the second: what came and went of components can't be told. Ask the maker for one, and bring it in under <documents>documents</documents>.

## Releases

releases-title = Releases
releases-model-at-one-version = A model at one version; every device of it inherits what is known.
releases-words = Words
releases-maker-model-version = maker, model, version …
releases-show = Show
releases-no-release-fits = No release fits.
releases-gravest = Gravest
releases-release = Release
releases-version = Version
releases-units = Units
releases-components = Components
releases-affected = Affected
releases-undecided = Undecided
releases-cleared = Cleared
releases-no-sbom = no SBOM
releases-next = Next

## Settings: kept for how long

retention-settings = Settings
retention-what-is-older = What is older is forgotten once a day, a little at a time, and the audit chain says how much that was.
retention-this-is-not-saved = This is not saved. It is what would be forgotten.
retention-as-it-is-set = As it is set
retention-what = What
retention-for-how-many-days = For how many days
retention-would-be-forgotten = Would be forgotten
retention-to-be-forgotten = To be forgotten
retention-where-nothing-is-set = Where nothing is set
retention-for-good = for good
retention-save = Save
retention-what-would-that-forget = What would that forget?
retention-empty-field-keeps = An empty field keeps it for good. Never forgotten, whatever is set: the audit chain, orders and each of their steps, what was decided, when which document came, and every document that counts.
retention-title = Kept for how long
retention-days-of = { $what }: for how many days
retention-flows = Who speaks with whom
retention-flows-since = since it was last seen
retention-devices = Devices on the network
retention-devices-since = since they were last seen
retention-detections = Detections that somebody has judged
retention-detections-since = since that; of a device with an order, for good
retention-documents = Documents that count no more
retention-documents-since = their bytes, since another took their place or they were taken away
retention-changes = What changed
retention-changes-since = since it did
retention-judgements = Counts of each judgement
retention-judgements-since = since it ended
retention-nothing = nothing
retention-nothing-is-older = nothing is older than { $days }
retention-older = { $count } older than { $days }
retention-days-are-wrong = { $what }: { $least } to { $most } days, or nothing for good.

## Search

search-title = Search
search-type-id-model-address = Type an id, a model, an address, a component or a CVE.
search-nothing-is-called = Nothing is called so, neither a device nor a component nor a vulnerability.
search-devices = Devices
search-all-such-devices = All such devices
search-vulnerabilities = Vulnerabilities
search-releases = Releases
search-components = Components
search-component-in = <b>{ $component }</b> { $version } in <release>{ $release }</release>
search-quoted = “{ $words }”

## Settings

settings-name-of-hospital = Name of the hospital
settings-device-counts-as-silent = A device counts as silent after so many hours
settings-save = Save
settings-alerts-who-else = Alerts: who else is told what happens
settings-kept-for-how-long = Kept for how long
settings-as-it-was-started = As it was started
settings-store = Store
settings-time-zone = Time zone
settings-provider-is-asked = Sign-in by a provider: { $name } is asked who somebody is
settings-nobody-is-asked = Sign-in by a provider: nobody is asked who somebody is
settings-title = Settings
settings-name-too-long = A name has at most { $most } characters.
settings-silent-hours = A device counts as silent after { $least } to { $most } hours.

## The first run

setup-welcome = Welcome
setup-nobody-has-signed = Nobody has signed in here before. The program has shown a code where it was started: whoever types it becomes the first administrator.
setup-code-of-set-up = Code of the set-up
setup-name-of-hospital = Name of the hospital
setup-your-name-for-signing = Your name for signing in
setup-your-name-as-others = Your name as others see it
setup-password-at-least-12 = Password, at least 12 characters
setup-same-again = The same again
setup-you-are-administrator = You are an administrator, and also
setup-information-security = information security
setup-in-charge-of-patients = in charge of patients
setup-biomedical-engineering = biomedical engineering
setup-begin = Begin
setup-passwords-differ = The two passwords are not the same.

## Signing in

sign-in-title = Sign in
sign-in-or-with-password = or with a password of this console:
sign-in-name = Name
sign-in-password = Password
sign-in-code-of-your-second = Code of your second factor, if you have one
sign-in-with = Sign in with { $name }
sign-out-here = You are signed out here
sign-out-still-there = At { $name } you may still be signed in: whoever comes to this browser after you comes in without a password.
sign-out-there = Sign out at { $name }, too
sign-out-again = Sign in again
sign-in-not-right = Name, password or code are not right.
sign-in-too-many =
    { $seconds ->
        [one] Too many attempts. Try again in { $seconds } second.
       *[other] Too many attempts. Try again in { $seconds } seconds.
    }

## What is no device of the inventory

stranger-devices = Devices
stranger-it-was-seen = It was seen on the network, and is no device of the inventory.

## Today

today-title = Today
today-not-judged = What came last could not be judged, and what is shown is as it was judged before: { $why }
today-nothing-is-known-yet = Nothing is known yet
today-asepsis-needs-inventory = Asepsis needs an inventory of your devices, and what it can get of SBOMs, advisories and feeds.
today-bring-in-documents = Bring in documents
today-past-support = Past support
today-their-maker-mends-nothing = their maker mends nothing any more
today-undecided-findings = Undecided findings
today-documents-do-not-settle = documents do not settle them
today-held-or-asked = Held, or asked to be held
today-detected-on-network = Detected on the network, and not judged yet
today-what-was = what was it?
today-do-first = Do first
today-nothing-is-urgent = Nothing is urgent. That is not the same as safe: it says what the documents tell.
today-new-this-week = New this week
today-no-new-vulnerability-concerns = No new vulnerability concerns a device of yours.
today-accepted-risks-that-end = Accepted risks that end soon
today-what-could = What could not be read
today-refused-or-cut-short = refused or cut short
today-gone-silent = Gone silent
today-exploited =
    { $count ->
        [one] { $count } device · known exploited
       *[other] { $count } devices · known exploited
    }
today-first-and-more = { $first } and { $count } more
today-ended-on = ended on { $day }
today-until = until { $day }
today-last-seen = { $product } · last seen <moment>{ $at }</moment>
today-in-all = { $count } in all.
today-not-seen-for = Not seen for { $hours } h, as of { $at }. Silent is no proof of a fault: a device may be switched off, in store or elsewhere.
today-as-of = As of <moment>{ $at }</moment>.
# The one sentence for somebody who reads nothing else: how many devices need action, and how many
# more attention.
today-headline =
    { $act ->
        [0] { $attend ->
            [0] { $all ->
                [one] None of { $all } device needs action now.
               *[other] None of { $all } devices needs action now.
            }
            [one] { $all ->
                [one] None of { $all } device needs action now, and one more needs attention soon.
               *[other] None of { $all } devices needs action now, and one more needs attention soon.
            }
           *[other] { $all ->
                [one] None of { $all } device needs action now, and { $attend } more need attention soon.
               *[other] None of { $all } devices needs action now, and { $attend } more need attention soon.
            }
        }
        [one] { $attend ->
            [0] One device needs action now.
            [one] One device needs action now, and one more needs attention soon.
           *[other] One device needs action now, and { $attend } more need attention soon.
        }
       *[other] { $attend ->
            [0] { $act } devices need action now.
            [one] { $act } devices need action now, and one more needs attention soon.
           *[other] { $act } devices need action now, and { $attend } more need attention soon.
        }
    }

## Vulnerabilities

vulnerabilities-decisions = Decisions
vulnerabilities-words = Words
vulnerabilities-cve-title = CVE, title …
vulnerabilities-decision = Decision
vulnerabilities-any = any
vulnerabilities-known-exploited = known exploited
vulnerabilities-show = Show
vulnerabilities-none-fits = None fits.
vulnerabilities-risk = Risk
vulnerabilities-vulnerability = Vulnerability
vulnerabilities-title = Vulnerabilities
vulnerabilities-heading-title = Title
vulnerabilities-cvss = CVSS
vulnerabilities-epss = EPSS
vulnerabilities-devices = Devices
vulnerabilities-releases = Releases
vulnerabilities-next = Next
vulnerabilities-that-concern-you =
    { $count ->
        [one] { $count } vulnerability that concerns a release of yours
       *[other] { $count } vulnerabilities that concern a release of yours
    }

## One vulnerability

vulnerability-vulnerabilities = Vulnerabilities
vulnerability-releases = Releases
vulnerability-all-that-are-shown = all that are shown and open
vulnerability-decisions-so-far = decisions so far
vulnerability-choose = Choose
vulnerability-verdict = Verdict
vulnerability-release = Release
vulnerability-units = Units
vulnerability-in = In
vulnerability-why = Why
vulnerability-what-is-told = What is told
vulnerability-also-called = Also called
vulnerability-exploited = Exploited
vulnerability-not-known = not known to be
vulnerability-epss = EPSS
vulnerability-weakness = Weakness
vulnerability-told-by = Told by
vulnerability-what-its-makers-say = What its makers say to do
vulnerability-devices = Devices
vulnerability-no-device-of-yours = No device of yours has it open.
vulnerability-open =
    { $count ->
        [one] { $count } device open
       *[other] { $count } devices open
    }
vulnerability-choose-one = Choose { $subject }
vulnerability-known-exploited = <exploited>known exploited</exploited> (CISA)
vulnerability-exploited-by-ransomware = <exploited>known exploited</exploited> (CISA), by ransomware

## Nobody has said yet what you are there for

waiting-look-again = Look again
waiting-sign-out = Sign out
waiting-nobody-has-said = { $shown }, nobody has said yet what you are there for here. Ask whoever keeps the people of this console, and tell them the name <b>{ $name }</b>.

## What went wrong

wrong-today = Today
wrong-not-found = Not found
wrong-no-such =
    { $what ->
        [decision] There is no such decision.
        [detection] There is no such detection.
        [device] There is no such device.
        [document] There is no such document.
        [document-of-base] This document was not received here. Where evidence names it, it stands in the base by which is judged.
        [finding] There is no such finding.
        [invitation] There is no such invitation.
        [list] There is no such list.
        [order] There is no such order.
        [page] There is no such page.
        [person] There is no such person.
        [provider] There is no such provider of identities.
        [release] There is no such release.
        [session] There is no such session.
        [target] There is no such target.
       *[vulnerability] There is no such vulnerability.
    }
wrong-not-found-hint = It may have left the inventory, or the address may be misspelt.
wrong-store = The store does not answer
wrong-store-hint = What stands in the store is safe. Devices that are held stay held without it.
wrong-not-for-you = Not for you
wrong-this-is-not-done = This is not done: { $why }.
wrong-not-for-you-hint = Whoever keeps the people of this console can change what you are there for.
wrong-nothing-was-done = Nothing was done
wrong-foreign = The form did not come from this console, or it was open too long.
wrong-foreign-hint = Go back, load the page again, and repeat it.
wrong-typed-hint = Go back and change it.
wrong-agent = The agent does not answer
wrong-agent-hint = Nothing was done. Devices that are held stay held without it.
wrong-rules-hint = The rules of containment say who has to say yes to what.
wrong-fault = A fault of ours
wrong-fault-why = This page could not be made.
wrong-fault-hint = Nothing was lost. Devices that are held stay held.

## Counts, and ends of lists

count-devices =
    { $count ->
        [one] { $count } device
       *[other] { $count } devices
    }
count-findings =
    { $count ->
        [one] { $count } finding
       *[other] { $count } findings
    }
count-releases =
    { $count ->
        [one] { $count } release
       *[other] { $count } releases
    }
count-units =
    { $count ->
        [one] { $count } unit
       *[other] { $count } units
    }
count-components =
    { $count ->
        [one] { $count } component
       *[other] { $count } components
    }
count-problems =
    { $count ->
        [one] { $count } problem
       *[other] { $count } problems
    }
count-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
count-more-than-devices = more than { $count } devices
# Behind a list that is not shown to its end.
count-and-more = and { $count } more
# A link to a whole list.
count-all = All { $count }

## Words for what stands in lists

words-unknown = unknown
words-unknown-product = unknown product
words-place-unknown = place unknown
# Levels of a containment: their names, what they leave, and what is asked and answered.
words-level =
    { $level ->
        [restrict] restrict
        [contain] contain
        [isolate] isolate
       *[other] { $level }
    }
words-leaves-usual = only what its model usually does
words-leaves-care = only what its patient needs
words-leaves-nothing = it reaches nothing at all
words-yes =
    { $level ->
        [restrict] Yes, restrict it
        [contain] Yes, contain it
        [isolate] Yes, isolate it
       *[other] Yes, { $level } it
    }
words-ask =
    { $level ->
        [restrict] Ask to restrict it
        [contain] Ask to contain it
        [isolate] Ask to isolate it
       *[other] Ask to { $level } it
    }
# How an order stands, and how far an enforcement point is with it.
words-order-state =
    { $state ->
        [proposed] proposed
        [approved] approved
        [applying] applying
        [applied] applied
        [verified] verified
        [partial] partial
        [failed] failed
        [expired] expired
        [refused] refused
        [lapsed] lapsed
        [lifted] lifted
        [broken-glass] broken-glass
       *[other] { $state }
    }
words-point-state =
    { $state ->
        [planned] planned
        [applying] applying
        [applied] applied
        [failed] failed
        [drifted] drifted
        [removed] removed
       *[other] { $state }
    }
# Decisions, after the SSVC of CISA, and what each asks for.
words-act = Act
words-attend = Attend
words-track-closely = Track*
words-track = Track
words-no-decision = None
words-act-means = act as soon as possible
words-attend-means = plan it sooner than usual
words-track-closely-means = watch it closely
words-track-means = with the next maintenance
words-no-decision-means = nothing is known against it
words-attend-or-graver = Attend or graver
words-track-closely-or-graver = Track* or graver
words-track-or-graver = Track or graver
# How much a life hangs on a device.
words-life-sustaining = life-sustaining
words-therapy = therapy
words-monitoring = monitoring
words-diagnostic = diagnostic
words-support = support
words-criticality-unknown = criticality unknown
words-therapy-or-more = therapy or more
words-monitoring-or-more = monitoring or more
words-diagnostic-or-more = diagnostic or more
words-support-or-more = support or more
words-in-use = in use
words-not-in-use = not in use
words-use-unknown = use unknown
# By what the list of devices is sorted.
words-by-what-to-do-first = what to do first
words-by-maker-and-model = maker and model
words-by-place = place
words-by-end-of-support = end of support
words-by-device = device
# Whether a finding holds.
words-affected = affected
words-undecided = undecided
words-fixed = fixed
words-not-affected = not affected
words-risk-accepted = risk accepted
words-acceptance-ran-out = acceptance ran out
words-decided-false-positive = false positive
words-decided-here = decided here
# Why something is not affected (VEX).
words-component-not-present = the component is not in it
words-code-not-present = the vulnerable code is not in it
words-code-never-runs = the vulnerable code never runs
words-nobody-can-control-it = nobody can make the vulnerable code do harm
words-mitigated = something in the product already stops it
words-judged = judged
words-judged-at-beginning = Judged
# Rhythms, shares and sizes.
words-every-ms = every { $number } ms
words-every-s = every { $number } s
words-every-min = every { $number } min
words-every-h = every { $number } h
words-percent = { $number } %
words-bytes = { $number } B
words-kilobytes = { $number } KB
words-megabytes = { $number } MB
words-gigabytes = { $number } GB
# What people are there for.
words-information-security = information security
words-in-charge-of-patients = in charge of patients
words-biomedical-engineering = biomedical engineering
words-keeps-people-and-settings = keeps people and settings
words-reads-only = reads only
# The same, where somebody answers as one of them.
words-role-security = security
words-role-clinical = clinical
words-role-biomedical = biomedical
# What paths on the network are for.
words-for-therapy = Therapy
words-for-alarms = Alarms
words-for-results = Results
words-for-orders = Orders and worklists
words-for-libraries = Libraries
words-for-time = Time
words-for-addresses = Addresses and names
words-for-support = Remote support
words-for-other = Other
# How a device stands on the map.
words-connected = connected
words-suspected = suspected
words-asked-to-be-held = asked to be held
words-being-held = being held
words-held-and-proved = held and proved
words-not-held-as-ordered = not held as ordered
# What a device says of itself.
words-says-host-name = Host name
words-says-vendor-class = Vendor class
words-says-dhcp-options = DHCP options
words-says-ae-title = AE title
words-says-dicom-implementation = DICOM implementation
words-says-hl7-application = HL7 application
words-says-equipment-id = Equipment id
words-says-software = Software
words-says-certificate-name = Certificate name
words-says-smb = SMB
words-says-maker = Maker
# What a path on the network is for, one path.
words-path =
    { $role ->
        [therapy] Therapy
        [alarm] Alarm
        [result] Result
        [order] Order
        [library] Library
        [time] Time
        [identity] Identity
        [service] Service
       *[other] Other
    }
words-no-decision-before = none
words-would =
    { $level ->
        [restrict] What would it do to restrict { $device }?
        [contain] What would it do to contain { $device }?
        [isolate] What would it do to isolate { $device }?
       *[other] What would it do to { $level } { $device }?
    }
words-ordered =
    { $level ->
        [restrict] Restrict { $device }
        [contain] Contain { $device }
        [isolate] Isolate { $device }
       *[other] { $level } { $device }
    }

## Why something was not done

# Why somebody may not.
refusals-second-factor = give the code of your second factor first
refusals-password = choose a password of your own first
refusals-not-yours = none of your duties allows that
refusals-confirm-anew = confirm that it is you: give your code or password again
refusals-scope = none of the token's scopes allows that
# Why a password can't be one.
refusals-too-short = the password is too short: it has to have { $least } characters, such as four words
refusals-too-long = the password is too long: { $most } bytes are the most
refusals-holds-the-name = the password holds the name of the person: choose one that does not
refusals-first-tried = the password is one of the first that are tried: choose another
refusals-control = the password holds a control character
# Why nothing was done to one's own account.
refusals-not-the-code = that is not the code that your app shows now: check the clock of your telephone
refusals-token-name = say what the token is for, in up to { $most } characters on one line
refusals-no-scope = say what may be done with the token
refusals-scope-allows-nothing = the scope { $scope } allows nothing that you may do
refusals-token-lives = a token lives for 1 to { $days } days
refusals-too-many-tokens = { $most } tokens are the most: revoke one that is not in use
# Why nothing was done to people.
refusals-name = a name has 1 to { $most } letters (a-z), digits, dots, dashes and underscores, and begins with a letter or a digit
refusals-shown = a shown name has 1 to { $most } characters on one line
refusals-taken = somebody is called `{ $name }` already
refusals-nobody = nobody is called `{ $name }`
refusals-last-administrator = nobody else is left who may administer: add somebody first
refusals-oneself = nobody changes their own duties or access: another administrator does
# Why the first run did not end.
refusals-set-up-already = it is set up already: an administrator adds people
refusals-set-up-code = that is not the code of the set-up, or it is too old: start the program anew for another
# Why nobody was let in by a provider's word.
refusals-oidc-not-asked = This answer belongs to no sign-in that was begun in this browser within ten minutes. Begin again.
refusals-oidc-used = This sign-in was used already. Begin again.
refusals-oidc-denied = The provider did not let you in, or you ended it there.
refusals-oidc-silent = The provider does not answer. Sign in with a password of this console, if you have one, or try again.
refusals-oidc-metadata = What the provider says of itself can't be used: whoever keeps this console sees why under Settings.
refusals-oidc-code = The provider did not take the code or the console's own credentials: whoever keeps this console sees why under Settings.
refusals-oidc-token = The provider's answer holds no ID token that can be read.
refusals-oidc-algorithm = The ID token is signed in a way that is not taken: RS256, PS256, ES256 and EdDSA are.
refusals-oidc-key = The ID token is signed by a key that the provider does not publish.
refusals-oidc-signature = The signature of the ID token is wrong.
refusals-oidc-issuer = The answer comes from another issuer than the one that was asked.
refusals-oidc-audience = The ID token was made for another program.
refusals-oidc-expired = The ID token has ended, or its times are not those of now: compare the clocks of the provider and of this console.
refusals-oidc-nonce = The ID token belongs to another sign-in.
refusals-oidc-subject = The ID token does not say who you are.
refusals-oidc-strength = You have to sign in at the provider in a stronger way, such as with a second factor.
refusals-oidc-not-fresh = The provider does not say that you signed in there just now.
refusals-oidc-somebody-else = That was somebody else than who is signed in here.
refusals-oidc-disabled = You may not sign in here any more.
refusals-oidc-no-duty = The provider knows you, but none of your groups there is for this console. Ask whoever keeps it.
refusals-oidc-full = Too many who are new wait for whoever keeps this console. Ask them.
refusals-oidc-too-often = Too many sign-ins come from where you are. Try again in a minute.

## The picture of a containment

peers-title = What containing { $device } keeps open and what it cuts
peers-role-service = { $role } · { $service }
peers-sessions =
    { $count ->
        [one] { $role } · { $service } · { $count } session
       *[other] { $role } · { $service } · { $count } sessions
    }
# What a path is for, as the agent calls it.
peers-role =
    { $role ->
        [therapy] therapy
        [alarm] alarm
        [result] result
        [order] order
        [library] library
        [time] time
        [identity] identity
        [service] service
       *[other] { $role }
    }
