//! The lists of conversations of users, for conversations of all sizes: small ones have their activity in
//! the rows of their participants, large ones in their own.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use causerie_protocol::topic::Cursor;

use super::{APP, conversation, message, message_id, participant, read, user, user_record, write};
use crate::store::Store;
use crate::store::records::{ConversationRecord, ParticipantRecord};

const USERS: u64 = 9;
const CONVERSATIONS: u64 = 12;

/// A sequence of numbers that is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// What a conversation is expected to contain.
#[derive(Default)]
struct Expected {
    /// When each participant joined.
    joined: HashMap<String, i64>,
    /// The messages by time.
    messages: Vec<(i64, String)>,
}

/// The conversations of a user, newest activity first: computed from everything.
fn expected_list(all: &BTreeMap<String, Expected>, of: &str) -> Vec<(i64, String)> {
    let mut list: Vec<(i64, String)> = all
        .iter()
        .filter_map(|(id, conversation)| {
            let joined = *conversation.joined.get(of)?;
            let newest = conversation.messages.iter().map(|(at, _)| *at).max();
            Some((newest.map_or(joined, |newest| newest.max(joined)), id.clone()))
        })
        .collect();
    list.sort_by(|one, other| other.cmp(one));
    list
}

/// Reads a list in pages of three.
async fn list<S: Store>(store: &S, of: &str) -> Vec<(i64, String)> {
    let mut list: Vec<(i64, String)> = Vec::new();
    loop {
        let after = list.last().map(|(at, id)| Cursor { at: *at, id: id.clone() });
        let of = user(of);
        let page = read(store, move |read| {
            let mut page = Vec::new();
            read.views(APP, &of, after.as_ref(), &mut |view| {
                let single = read.view(APP, &view.id, &of);
                assert_eq!(single.unwrap().as_ref(), Some(&view), "the view alone is the same");
                page.push((view.activity(), view.id.to_string()));
                if page.len() < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            Ok(page)
        })
        .await;
        if page.is_empty() {
            return list;
        }
        list.extend(page);
    }
}

pub(in crate::store) async fn lists_are_in_the_order_of_activity_while_conversations_grow_and_shrink<
    S: Store,
>(
    store: S,
) {
    write(&store, |write| {
        (0..USERS).try_for_each(|index| {
            let id = format!("u{index}");
            write.put_user(APP, &user(&id), &user_record(&id))
        })?;
        (0..CONVERSATIONS).try_for_each(|index| {
            let record = ConversationRecord { created_at: 3, ..Default::default() };
            write.put_conversation(APP, &conversation(&format!("c{index}")), &record)
        })
    })
    .await;
    let mut all: BTreeMap<String, Expected> =
        (0..CONVERSATIONS).map(|index| (format!("c{index}"), Expected::default())).collect();
    let mut numbers = Numbers(7);
    let (mut largest, mut shrunk) = (0, 0);
    for step in 0..600_u64 {
        let id = format!("c{}", numbers.below(CONVERSATIONS));
        let of = format!("u{}", numbers.below(USERS));
        // Several steps have the same time.
        let at = 100 + i64::try_from(step / 3).unwrap();
        let expected = all.get_mut(&id).unwrap();
        let (c, u) = (conversation(&id), user(&of));
        match numbers.below(10) {
            0..4 => {
                let joined_at = *expected.joined.entry(of.clone()).or_insert(at);
                let record = ParticipantRecord { joined_at, ..participant(at, 0) };
                write(&store, move |write| write.put_participant(APP, &c, &u, &record)).await;
            }
            4 | 5 => {
                let left = write(&store, move |write| write.delete_participant(APP, &c, &u)).await;
                assert_eq!(left, expected.joined.remove(&of).is_some());
                shrunk += u32::from(left && expected.joined.len() == 4);
            }
            6..9 => {
                let sender = expected.joined.contains_key(&of).then_some(of.as_str());
                let name = format!("m{step}");
                let record = message(&name, sender, at);
                expected.messages.push((at, name));
                write(&store, move |write| write.append_message(APP, &c, &record)).await;
            }
            _ => {
                let Some((_, name)) = expected.messages.pop() else { continue };
                let deleted =
                    write(&store, move |write| write.delete_message(APP, &c, &message_id(&name))).await;
                assert!(deleted.is_some());
            }
        }
        largest = largest.max(all[&id].joined.len());
        let count = all[&id].joined.len();
        let c = conversation(&id);
        let record = read(&store, move |read| read.conversation(APP, &c)).await.unwrap();
        assert_eq!(record.participants as usize, count, "participants are counted");
        if step % 10 == 0 {
            for index in 0..USERS {
                let of = format!("u{index}");
                assert_eq!(list(&store, &of).await, expected_list(&all, &of), "{of} at step {step}");
            }
        }
    }
    assert!(largest >= 8 && shrunk >= 3, "both sizes occurred: {largest}, {shrunk}");
}
