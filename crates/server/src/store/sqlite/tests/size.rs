//! The size of the database.

use causerie_protocol::MessageId;
use causerie_protocol::entities::Origin;

use crate::store::Write as _;
use crate::store::conformance::{conversation, participant, user, user_record};
use crate::store::records::{ConversationRecord, MessageRecord, OutcomeKey};
use crate::store::sqlite::open;
use crate::store::sqlite::transaction::Transaction;

const CONVERSATIONS: i64 = 50;
const MESSAGES: i64 = 20_000;
const START: i64 = 1_700_000_000_000;

/// Sends messages of 30 bytes from 50 users to a conversation each, with ids and keys as those of the SDK.
/// Returns how many bytes one takes, with its outcome and all indexes.
fn bytes_per_message() -> i64 {
    let connection = open::memory().unwrap().writer;
    let mut transaction = Transaction::on(&connection);
    for number in 0..CONVERSATIONS {
        let (c, ada) = (conversation(&format!("conversation{number}")), user(&format!("user{number}")));
        transaction.put_user("app", &ada, &user_record("Ada")).unwrap();
        transaction.put_conversation("app", &c, &ConversationRecord::default()).unwrap();
        transaction.put_participant("app", &c, &ada, &participant(0, 0)).unwrap();
    }
    let size = || -> i64 {
        let pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        connection.query_row(pages, [], |row| row.get(0)).unwrap()
    };
    let before = size();
    for number in 0..MESSAGES {
        let sender = number % CONVERSATIONS;
        let (c, ada) = (format!("conversation{sender}"), format!("user{sender}"));
        let (at, seq) = (START + number, number / CONVERSATIONS + 1);
        let random = number.wrapping_mul(0x1e37_79b9_7f4a_7c15) & 0xfff_ffff_ffff;
        let id = format!("msg_{at:012x}g{seq:08x}{random:011x}");
        let text = format!("{number:0>30}");
        let message = MessageRecord {
            seq: 0,
            id: MessageId::new(&id).unwrap(),
            sender: Some(user(&ada)),
            content: format!(r#"[{{"type":"text","children":["{text}"]}}]"#),
            text,
            custom: Default::default(),
            created_at: at,
            edited_at: None,
            referenced: None,
            origin: Origin::Web,
            reactions: Vec::new(),
        };
        let (scope, key) = (format!("{sender:0>32}"), seq.to_string());
        let key = OutcomeKey { app: "app", caller: &ada, scope: &scope, key: &key };
        let hash = random.wrapping_mul(0x1e37_79b9_7f4a_7c15).to_le_bytes();
        transaction.send_message(&conversation(&c), &message, &key, hash).unwrap();
    }
    (size() - before) / MESSAGES
}

#[test]
fn a_message_of_30_bytes_takes_at_most_160_bytes_with_its_outcome_and_indexes() {
    let bytes = bytes_per_message();
    assert!((100..=160).contains(&bytes), "{bytes} bytes a message");
}
