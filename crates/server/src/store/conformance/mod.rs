//! The suite of tests that every store has to pass. `conformance!(name, make)` defines a module of tests,
//! each of which runs on a new, empty store that the expression `make` returns.

use causerie_protocol::entities::{Access, Notify, Origin};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};

use super::records::{ConversationRecord, MessageRecord, ParticipantRecord, UserRecord};
use super::{Read, Size, Store, StoreResult, Write};

mod deliveries;
mod files;
mod jobs;
mod live;
mod records;
mod search;
mod sent;
mod views;
pub(super) use deliveries::*;
pub(super) use files::*;
pub(super) use jobs::*;
pub(super) use live::*;
pub(super) use records::*;
pub(super) use search::*;
pub(super) use sent::*;
pub(super) use views::*;

macro_rules! conformance {
    ($name:ident, $make:expr) => {
        mod $name {
            crate::store::conformance::conformance!(@tests $make;
                put_user_replaces_everything_but_the_creation_time,
                apps_are_isolated_from_each_other,
                private_data_is_stored_apart_from_public_data,
                private_data_of_unknown_user_is_rejected,
                put_conversation_does_not_change_its_messages,
                participants_are_stored_replaced_listed_and_removed,
                view_joins_conversation_participant_and_the_least_read_time,
                messages_get_sequence_numbers_without_gaps_and_are_listed_newest_first,
                messages_of_unknown_conversation_or_sender_are_rejected,
                outcomes_are_found_by_all_four_parts_of_their_key,
                outcomes_are_pruned_oldest_first,
                outcome_of_sending_a_message_outlives_the_message,
                messages_with_the_ids_of_the_server_are_found_and_listed,
                streams_are_numbered_per_app_and_conversation,
                messages_with_equal_times_are_ordered_by_id,
                message_moves_back_equal_read_times_of_others,
                equal_times_are_ordered_by_the_code_points_of_the_ids,
                views_are_ordered_by_activity,
                lists_are_in_the_order_of_activity_while_conversations_grow_and_shrink,
                newest_participants_are_ordered_by_time_of_joining,
                edited_message_keeps_its_id_sequence_number_and_time,
                deleted_messages_do_not_count_as_unread,
                reactions_are_stored_counted_and_ordered_by_time,
                delta_is_complete_or_none,
                deleted_conversation_leaves_only_its_stream_number,
                users_are_listed_by_id,
                conversations_are_listed_by_activity_and_by_creation,
                index_follows_sent_edited_and_deleted_messages,
                index_proposes_messages_of_one_conversation_newest_first,
                index_forgets_deleted_conversations,
                deliveries_of_a_lane_are_due_one_after_the_other,
                failed_deliveries_are_listed_replayed_and_pruned,
                notifications_are_due_once_for_each_participant,
                a_file_is_stored_once_and_found_in_its_app_only,
                a_file_is_unused_while_no_message_has_it,
                unused_files_are_marked_after_their_time_and_then_forgotten,
                failing_job_changes_nothing_and_does_not_affect_others,
                panicking_job_changes_nothing_and_does_not_affect_others,
                writes_are_executed_in_the_order_of_their_calls,
                write_is_executed_even_if_its_future_is_dropped,
                read_sees_only_complete_transactions,
                closing_executes_queued_writes_and_rejects_later_ones,
            );
        }
    };
    (@tests $make:expr; $( $test:ident, )*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let (_guard, store) = $make;
                crate::store::conformance::$test(store).await;
            }
        )*
    };
}
pub(super) use conformance;

const APP: &str = "app";

pub(super) fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

pub(super) fn conversation(id: &str) -> ConversationId {
    ConversationId::new(id).unwrap()
}

pub(super) fn user_record(name: &str) -> UserRecord {
    UserRecord {
        name: name.to_owned(),
        custom: [("ключ".to_owned(), "\"quoted\" \u{1f600}\n".to_owned())].into(),
        locale: Some("nl".to_owned()),
        photo_url: None,
        role: Some("admin".to_owned()),
        welcome_message: Some("hi".to_owned()),
        created_at: 1_000,
    }
}

pub(super) fn participant(read_until: i64, read_seq: i64) -> ParticipantRecord {
    ParticipantRecord {
        access: Access::ReadWrite,
        notify: Notify::Always,
        joined_at: 5,
        read_until,
        read_seq,
        marked_unread: false,
    }
}

fn message_id(id: &str) -> MessageId {
    MessageId::new(id).unwrap()
}

pub(super) fn message(id: &str, sender: Option<&str>, created_at: i64) -> MessageRecord {
    MessageRecord {
        seq: 0,
        id: message_id(id),
        sender: sender.map(user),
        text: format!("text of {id}"),
        content: r#"[{"type":"text","children":["x"]}]"#.to_owned(),
        custom: [("a".to_owned(), "b".to_owned())].into(),
        created_at,
        edited_at: Some(9),
        referenced: Some(message_id("other")),
        origin: Origin::Rest,
        reactions: Vec::new(),
    }
}

pub(super) async fn read<S: Store, T: Send + 'static>(
    store: &S,
    job: impl FnOnce(&dyn Read) -> StoreResult<T> + Send + 'static,
) -> T {
    store.read(Size::Point, job).await.unwrap()
}

pub(super) async fn write<S: Store, T: Send + 'static>(
    store: &S,
    job: impl FnOnce(&mut dyn Write) -> StoreResult<T> + Send + 'static,
) -> T {
    store.write(job).await.unwrap()
}

/// Creates two users and a conversation.
async fn seed<S: Store>(store: &S) {
    write(store, |write| {
        write.put_user(APP, &user("ada"), &user_record("Ada"))?;
        write.put_user(APP, &user("bob"), &user_record("Bob"))?;
        write.put_conversation(
            APP,
            &conversation("c"),
            &ConversationRecord { created_at: 3, ..Default::default() },
        )
    })
    .await;
}
