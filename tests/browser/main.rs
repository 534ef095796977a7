//! Tests of the SDK in real browsers against a real server.
//!
//! A case is a JavaScript function, because the tests check behaviour that only a JavaScript program can
//! observe: `===`, own keys, `instanceof`, exceptions and rejections. Each case is listed here once and
//! becomes two tests, one for each transport. It gets a context (`context.js`) with sessions of its own
//! users, the REST API of a backend, and a recorder of network traffic.
//!
//! `CAUSERIE_TEST_HOST` must be set at compile time to the origin of a server that was started with `--demo`
//! and with `causerie.toml` of this folder. `cargo xtask test` does so.
#![cfg(target_arch = "wasm32")]

mod declared;
mod harness;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn pitfalls_table_names_existing_cases() {
    let named: Vec<_> =
        include_str!("README.md").split('`').filter_map(|name| name.split_once("::")).collect();
    assert!(named.len() > 30, "the table names {} cases", named.len());
    for (suite, case) in named.into_iter().filter(|name| *name != ("suite", "case")) {
        let start = format!("harness::suite! {{ {suite} from ");
        let rest = include_str!("main.rs").split_once(&start).map_or("", |(_, rest)| rest);
        let cases = rest.split_once("\n}").map_or("", |(cases, _)| cases);
        assert!(cases.lines().any(|line| line.trim() == case), "{suite}::{case}");
    }
}

harness::suite! { sessions from "sessions.js":
    same_host_app_and_user_return_the_same_session
    different_host_app_or_user_returns_another_session
    host_without_a_scheme_has_https_unless_it_is_this_machine
    invalid_option_throws_a_type_error_with_its_field
    default_host_is_the_page_origin
    session_exposes_its_app_and_user
    nothing_is_sent_before_the_first_request
    hundred_requests_share_one_connection
    refs_are_interned_by_id
    refs_are_held_weakly
    invalid_id_throws_a_type_error
    any_other_string_is_a_valid_id
    request_to_a_dead_host_is_rejected_with_the_reason
    ; by websocket only:
    unknown_app_ends_the_session_with_not_found
    blocked_websocket_falls_back_to_http
}

harness::suite! { users from "users.js":
    missing_user_is_null
    set_with_a_name_creates_a_user
    set_without_a_name_requires_an_existing_user
    create_if_not_exists_creates_a_user_with_every_field
    create_if_not_exists_does_not_change_an_existing_user
    undefined_and_absent_fields_are_kept
    null_resets_a_field
    setting_a_field_changes_only_that_field
    defaults_come_from_the_app
    custom_is_merged_key_by_key
    push_tokens_are_merged_key_by_key
    email_and_phone_accept_one_or_several
    private_fields_are_never_sent_to_browsers
    snapshot_has_the_documented_keys_in_order
    snapshot_is_frozen_plain_data
    snapshot_does_not_change_with_the_user
    params_can_be_mutated_after_the_call
    text_in_any_script_is_preserved
    lone_surrogates_become_replacement_characters
    any_user_can_read_any_user
    calls_without_await_are_executed_in_order
    five_hundred_concurrent_gets_resolve_in_order
    excess_concurrent_calls_are_rate_limited
    without_user_sync_only_calls_without_effect_succeed
}

harness::suite! { input from "input.js":
    invalid_value_reports_its_field
    null_keys_are_rejected_when_creating
    null_means_the_default_when_creating
    missing_name_is_name_required
    non_plain_data_is_rejected_without_sending
    errors_are_causerie_errors
    server_errors_carry_a_request_id
    call_over_the_frame_limit_is_too_large_and_affects_no_other
    server_validates_requests_sent_without_the_sdk
    ; by websocket only:
    arguments_in_the_wrong_order_or_too_many_are_rejected
    callback_with_nothing_after_it_subscribes_to_all_conversations
}

harness::suite! { conversations from "conversations.js":
    conversation_of_others_is_null
    new_conversation_has_defaults
    every_property_reflects_backend_changes
    snapshot_has_the_documented_keys_in_order
    snapshot_is_frozen_plain_data
    leaving_makes_the_conversation_null
}

harness::suite! { uploads from "uploads.js":
    image_is_uploaded_sent_and_displayed
    each_method_makes_its_kind_of_file
    refused_uploads_reject_with_their_field
    progress_is_reported_until_the_end
    signal_ends_an_upload_with_its_reason
}

harness::suite! { search from "search.js":
    messages_of_own_conversations_are_found_newest_first
    conversations_are_found_by_subject_or_search_text
    edited_and_deleted_messages_are_found_by_their_present_text
    invalid_searches_are_rejected_with_the_field
}

harness::suite! { authentication from "authentication.js":
    token_is_requested_before_the_first_request
    token_option_is_used_without_calling_the_handler
    requests_wait_for_the_token_fetcher
    token_fetcher_can_return_a_string_or_a_thenable
    token_is_never_in_a_url
    rejected_token_ends_the_session_once
    expired_token_is_requested_again
    missing_token_is_not_authenticated
    new_token_takes_over_without_interruption
    token_is_renewed_before_it_expires
    writing_another_user_is_forbidden
    invalid_token_throws_a_type_error
}

harness::suite! { callbacks from "callbacks.js":
    every_method_can_be_called_in_every_callback
    throwing_token_handler_is_reported_and_retried
    failing_token_fetcher_is_reported_and_retried
    throwing_error_handler_affects_no_other
    unsubscribed_error_handler_is_not_called
    error_handler_added_after_the_end_is_called
    invalid_handler_throws_a_type_error
    handled_rejections_are_not_reported
}

harness::suite! { subscriptions from "subscriptions.js", by websocket:
    states_change_in_order_and_are_frozen
    connected_rejects_if_the_subscription_ends_first
    error_ends_the_subscription
    end_of_the_session_ends_the_subscription
    http_only_sessions_do_not_support_subscriptions
    unsubscribe_stops_callbacks_and_is_idempotent
    dispose_unsubscribes
    unsubscribing_in_a_callback_takes_effect_at_once
    throwing_callback_affects_no_other
    every_method_can_be_called_in_every_callback
    handles_of_one_topic_share_one_server_subscription
    subscribing_twice_in_one_turn_works_without_errors
    invalid_callback_throws_a_type_error
    subscription_over_the_limit_is_rejected_and_affects_no_other
    invalid_count_is_rejected
}

harness::suite! { windows from "windows.js", by websocket:
    load_more_extends_the_loaded_window
    concurrent_load_more_calls_use_the_highest_count
    load_more_affects_only_its_own_handle
    each_list_has_its_initial_and_page_size
}

harness::suite! { conversation_updates from "conversation_updates.js", by websocket:
    conversation_data_is_null_for_non_participants
    empty_lists_become_null_when_the_access_or_the_conversation_is_gone
    each_change_replaces_only_the_changed_properties
    settings_of_others_do_not_change_the_own
    simultaneous_changes_are_reported_once
    calls_without_effect_are_not_reported
    conversations_are_ordered_by_last_activity
    conversation_and_list_share_one_snapshot
    participants_are_listed_newest_first
}

harness::suite! { message_updates from "message_updates.js", by websocket:
    unchanged_messages_in_a_window_stay_the_same_objects
    reply_contains_the_referenced_message
    changes_outside_the_window_are_not_reported
    resubscribing_to_messages_delivers_each_once_in_order
    reactions_are_listed_oldest_first
    backend_messages_are_reported
}

harness::suite! { user_updates from "user_updates.js", by websocket:
    user_subscription_reports_creation_and_changes
    typing_is_shown_to_the_others
    more_than_five_typing_users_are_many
    typing_without_renewal_expires
    user_is_online_while_subscribed_and_shortly_after
}

harness::suite! { filters from "filters.js", by websocket:
    every_operator_selects
    conversations_enter_and_leave_as_they_match
    changes_of_unmatched_conversations_are_not_reported
    activity_moves_conversations_in_and_out
    window_counts_only_matching_conversations
    invalid_filter_reports_its_field
}

harness::suite! { reconnect from "reconnect.js", by websocket:
    subscriptions_resume_after_a_cut
    loaded_windows_survive_a_cut
    interrupted_write_has_one_effect
    cut_at_any_frame_leads_to_the_same_state
    idle_socket_closes_and_opens_on_demand
    new_token_does_not_interrupt_subscriptions
    page_resumes_after_pagehide_and_pageshow
}

harness::suite! { declared_types from "declared.js":
    users_have_the_declared_type
    conversations_participants_and_messages_have_the_declared_types
    ; by websocket only:
    live_snapshots_have_the_declared_types
}

harness::suite! { lifetime from "lifetime.js", by websocket:
    ten_thousand_subscriptions_are_freed
    ten_thousand_refs_are_freed
    ended_sessions_are_freed
    no_timers_or_listeners_remain
}

harness::suite! { participants from "participants.js":
    set_creates_a_conversation_and_joins_it
    create_if_not_exists_does_not_change_an_existing_conversation
    participant_is_added_changed_and_removed
    invalid_values_report_their_field
    invalid_id_throws_a_type_error
    non_participants_cannot_change_a_conversation
    unread_counts_follow_reading
    without_conversation_sync_only_notify_can_be_changed
}

harness::suite! { messages from "messages.js":
    text_can_be_sent_in_three_forms
    snapshot_has_the_documented_keys_and_is_frozen
    markup_becomes_content
    location_can_be_sent
    invalid_messages_are_rejected_with_their_field
    replies_refer_to_messages_of_the_conversation
    edit_changes_only_the_given_fields
    only_the_sender_can_edit_or_delete_a_message
    non_participants_and_readers_are_rejected
    sends_without_await_keep_their_order
    text_in_any_script_is_preserved
}

harness::suite! { reactions from "reactions.js":
    adding_and_removing_are_idempotent
    summaries_are_ordered_by_first_reaction
    first_ten_reactions_are_listed_oldest_first
    emoji_are_normalised
    invalid_emoji_is_rejected
    message_has_at_most_fifty_emoji
}
