//! The SDK in real browsers against the real server, over real sockets.
//!
//! The flow: a case is a JavaScript function (in the `.js` file of its room), because what is tested is what a
//! JavaScript program sees: `===`, own keys, `instanceof`, what is thrown and what is rejected. Each case is named
//! here once and becomes two tests, one for each transport; it is given a world (`world.js`) with sessions of users
//! of its own, the REST API for what a backend would do, and a recorder of what goes over the wire.
//!
//! `CAUSERIE_TEST_HOST` must be set when this is compiled: the origin of a server that was started with
//! `causerie.toml` of this folder and `--demo`. `cargo xtask test` does so.
#![cfg(target_arch = "wasm32")]

mod harness;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_table_of_pitfalls_names_cases_that_are_there() {
    let named: Vec<_> =
        include_str!("README.md").split('`').filter_map(|name| name.split_once("::")).collect();
    assert!(named.len() > 30, "the table names {} cases", named.len());
    for (room, case) in named.into_iter().filter(|name| *name != ("room", "case")) {
        let start = format!("harness::room! {{ {room} from ");
        let rest = include_str!("main.rs").split_once(&start).map_or("", |(_, rest)| rest);
        let cases = rest.split_once("\n}").map_or("", |(cases, _)| cases);
        assert!(cases.lines().any(|line| line.trim() == case), "{room}::{case}");
    }
}

harness::room! { sessions from "sessions.js":
    the_same_host_app_and_user_give_the_same_session
    another_host_app_or_user_gives_another_session
    a_wrong_option_is_a_type_error_that_names_it
    the_default_host_is_the_origin_of_the_page
    a_session_knows_its_app_and_its_user
    nothing_is_sent_before_something_is_asked
    a_hundred_questions_share_one_connection
    refs_are_interned_by_id
    refs_are_held_weakly
    what_is_no_id_is_a_type_error_at_once
    any_other_text_is_an_id
    ; by websocket only:
    an_unknown_app_ends_the_session_with_not_found
    a_blocked_websocket_is_gone_around_by_http
}

harness::room! { users from "users.js":
    a_missing_user_is_null
    set_creates_a_user_who_has_a_name
    set_without_a_name_needs_a_user
    create_if_not_exists_makes_a_user_with_everything
    create_if_not_exists_leaves_a_user_alone
    what_is_undefined_or_absent_is_kept
    what_is_null_is_reset
    a_value_replaces_each_field_alone
    defaults_are_those_of_the_app
    custom_is_merged_key_by_key
    push_tokens_are_merged_key_by_key
    email_and_phone_take_one_or_several
    what_is_private_never_comes_back
    a_snapshot_has_the_documented_keys_in_order
    a_snapshot_is_frozen_plain_data
    a_snapshot_does_not_change_when_the_user_does
    params_may_be_changed_after_the_call
    text_of_every_script_survives
    half_a_character_harms_nothing
    any_user_can_be_read_by_anyone
    calls_without_await_run_in_order
    five_hundred_gets_at_once_are_all_answered
    too_many_calls_at_once_are_refused_one_by_one
    without_user_sync_only_what_changes_nothing_goes
}

harness::room! { input from "input.js":
    a_wrong_value_names_its_field
    what_only_creating_refuses_is_refused
    null_is_the_default_when_creating
    a_missing_name_is_name_required
    what_is_no_plain_data_is_refused_at_once
    an_error_is_a_causerie_error
    an_error_of_the_server_names_the_request
    a_call_over_the_frame_limit_is_too_large_and_harms_no_other
    the_server_refuses_by_itself_what_the_sdk_would
}

harness::room! { conversations from "conversations.js":
    a_conversation_of_others_is_null
    a_new_conversation_has_its_defaults
    every_property_follows_the_backend
    a_snapshot_has_the_documented_keys_in_order
    a_snapshot_is_frozen_plain_data
    who_leaves_gets_null
}

harness::room! { authentication from "authentication.js":
    a_token_is_asked_for_before_the_first_request_and_used
    a_token_from_the_options_is_used_without_asking
    the_token_fetcher_is_waited_for
    a_token_fetcher_may_return_at_once_or_any_thenable
    a_token_is_never_in_the_address
    a_refused_token_ends_the_session_once
    a_refused_token_is_asked_for_anew
    no_token_at_all_is_not_authenticated
    another_token_takes_over_without_a_gap
    a_token_is_renewed_before_it_expires
    another_user_may_not_be_written
    what_is_no_token_is_a_type_error
}

harness::room! { callbacks from "callbacks.js":
    every_method_can_be_called_in_every_callback
    a_token_handler_that_throws_is_reported_and_asked_again
    a_token_fetcher_that_fails_is_reported_and_asked_again
    an_error_handler_that_throws_harms_no_other
    an_unsubscribed_error_handler_is_not_called
    an_error_handler_of_an_ended_session_is_told_later
    what_is_no_handler_is_a_type_error
    a_rejection_that_is_handled_is_no_uncaught_one
}

harness::room! { subscriptions from "subscriptions.js", by websocket:
    states_follow_one_another_and_are_frozen
    connected_rejects_if_the_end_comes_first
    an_error_ends_it
    the_end_of_the_session_ends_it
    by_http_only_there_is_none
    unsubscribe_silences_and_is_idempotent
    dispose_is_unsubscribe
    unsubscribing_in_a_callback_takes_effect_at_once
    a_callback_that_throws_harms_no_other
    every_method_can_be_called_in_every_callback
    handles_of_one_topic_share_one_subscription_of_the_server
    subscribing_twice_in_one_turn_works_and_is_silent
    what_is_no_function_is_a_type_error
    one_too_many_is_refused_and_harms_no_other
    load_more_counts_from_what_is_loaded
    two_immediate_calls_do_not_add_up_and_the_higher_count_counts
    load_more_of_one_is_not_of_another
    a_wrong_count_is_refused
    every_list_begins_with_its_own_size
}

harness::room! { live from "live.js", by websocket:
    a_user_from_nobody_to_somebody
    a_conversation_while_one_takes_part
    a_conversation_and_all_that_changes_in_it
    anothers_settings_are_not_taken_for_ones_own
    of_a_window_of_thirty_the_other_twenty_nine_stay_the_same_objects
    a_reply_holds_what_it_replies_to
    an_old_message_that_changes_is_told_to_nobody_who_does_not_see_it
    what_changes_together_is_told_once
    what_changes_nothing_is_told_to_nobody
    participants_newest_first
    reactions_oldest_first
    the_list_is_ordered_by_what_happened_last
    a_conversation_and_the_list_are_told_of_the_same
    subscribing_again_to_messages_goes_on_where_they_are
    typing_is_told_to_the_others
    more_than_five_typers_are_many
    a_typer_who_is_not_heard_of_again_is_dropped
    a_user_is_online_while_subscribed_and_a_little_after
    a_message_of_the_backend
}

harness::room! { filters from "filters.js", by websocket:
    every_operator_chooses
    one_that_begins_to_match_comes_in_and_one_that_ceases_goes_out
    what_stays_out_is_not_told
    times_move_a_conversation_in
    the_window_is_of_those_that_match
    a_wrong_filter_names_its_field
}

harness::room! { reconnect from "reconnect.js", by websocket:
    after_a_cut_subscriptions_go_on
    what_was_loaded_is_kept_over_a_cut
    a_write_that_is_cut_off_has_one_effect
    cut_at_every_frame_a_chat_ends_alike
    the_socket_closes_when_nothing_is_subscribed_and_opens_again
    another_token_leaves_no_gap_in_subscriptions
    a_page_that_is_put_away_and_shown_again_goes_on
}

harness::room! { lifetime from "lifetime.js", by websocket:
    ten_thousand_subscriptions_leave_nothing_behind
    ten_thousand_refs_leave_nothing_behind
    sessions_that_have_ended_are_freed
    no_timer_and_no_listener_is_left
}

harness::room! { participants from "participants.js":
    set_creates_a_conversation_and_joins_it
    create_if_not_exists_changes_nothing_that_is_there
    a_participant_is_made_changed_and_taken_out
    wrong_values_name_their_field
    what_is_no_id_is_a_type_error_at_once
    who_is_not_in_it_may_not_change_it
    reading_is_counted
    without_conversation_sync_only_notify_may_be_changed
}

harness::room! { messages from "messages.js":
    a_text_is_sent_in_three_forms
    a_snapshot_has_the_documented_keys_and_is_frozen
    markup_becomes_content
    a_place_is_sent
    what_a_user_may_not_send_is_refused_and_names_its_place
    replies_refer_to_messages_of_the_conversation
    an_edit_changes_what_it_names
    only_its_sender_may_edit_or_delete_a_message
    a_stranger_and_a_reader_are_refused
    many_sends_without_await_keep_their_order
    text_of_every_script_survives
}

harness::room! { reactions from "reactions.js":
    adding_and_removing_are_idempotent
    summaries_are_in_the_order_of_their_first
    the_first_ten_are_listed_oldest_first
    one_emoji_has_one_form
    what_is_no_emoji_is_refused
    there_are_at_most_fifty_on_a_message
}
