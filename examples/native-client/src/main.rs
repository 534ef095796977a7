//! A native chat client: creates a user and a conversation, sends a message, and prints the messages that a
//! subscription delivers. The README describes how to run it.
#![expect(clippy::print_stdout, reason = "it is a command-line program")]

mod driver;

use anyhow::{Result, bail};
use causerie_protocol::{
    ConversationId, CreateConversation, CreateUser, Entities, Op, SendMessage, ServerFrame, Topic, UserId,
};
use clap::Parser;
use serde_json::Value;

use driver::{Driver, Event, to_anyhow};

#[derive(Parser)]
#[command(version, about)]
struct Args {
    /// The server's address.
    #[arg(long, default_value = "ws://127.0.0.1:8787")]
    server: String,
    /// The id of the app.
    #[arg(long, default_value = "demo")]
    app: String,
    /// The id of the user who sends the message.
    #[arg(long, default_value = "native-client")]
    user: String,
    /// The id of the conversation.
    #[arg(long, default_value = "native-client")]
    conversation: String,
    /// The text of the message.
    #[arg(long, default_value = "Hello from Rust")]
    text: String,
    /// Keeps printing messages until Ctrl-C.
    #[arg(long)]
    stay: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args = Args::parse();
    let user = UserId::new(args.user).map_err(to_anyhow)?;
    let conversation = ConversationId::new(args.conversation).map_err(to_anyhow)?;
    let mut driver = Driver::new(&args.server, &args.app, user.clone())?;

    // Requests are executed in order, so none has to wait for the result of the one before.
    let data = CreateUser { name: Some("Native client".to_owned()), ..CreateUser::default() };
    driver.request(Op::UserCreateIfNotExists { user, data })?;
    let (data, created) = (CreateConversation::default(), conversation.clone());
    driver.request(Op::ConversationCreateIfNotExists { conversation: created, data })?;
    driver.subscribe(Topic::Messages { id: conversation.clone() })?;
    let data = SendMessage { text: Some(args.text), ..SendMessage::default() };
    let send = driver.request(Op::MessageSend { conversation, data })?;

    // The result of `message.send` is the message's id. It may arrive before the message or after it.
    let (mut sent, mut printed) = (None, Vec::new());
    while args.stay || !sent.as_ref().is_some_and(|id| printed.contains(id)) {
        let event = tokio::select! {
            event = driver.next_event() => event?,
            _ = tokio::signal::ctrl_c() => break,
        };
        match event {
            Event::Settled(outcome) => {
                if let Some(error) = outcome.error {
                    return Err(to_anyhow(error));
                }
                if outcome.id == send {
                    sent = outcome.value.as_ref().and_then(Value::as_str).map(str::to_owned);
                }
            }
            Event::Delivered(frame) => print_messages(frame, &mut printed)?,
        }
    }
    driver.close().await
}

/// Prints the messages that a frame adds to the list, oldest first, and appends their ids to `printed`.
fn print_messages(frame: ServerFrame<Value>, printed: &mut Vec<String>) -> Result<()> {
    let (ids, entities) = match frame {
        ServerFrame::Reset { value, entities, .. } => {
            let items = value.as_ref().and_then(|value| value["items"].as_array());
            let newest_first = items.into_iter().flatten();
            (newest_first.rev().filter_map(Value::as_str).map(str::to_owned).collect(), entities)
        }
        ServerFrame::Events { changes, entities, .. } => {
            let put = changes.iter().filter_map(|change| change["put"].as_str());
            (put.map(str::to_owned).collect::<Vec<_>>(), entities)
        }
        ServerFrame::Ended { error, .. } => bail!("the subscription ended: {error}"),
        _ => return Ok(()),
    };
    for id in ids {
        // A message that was edited is put again.
        if !printed.contains(&id) {
            print_message(&id, &entities);
            printed.push(id);
        }
    }
    Ok(())
}

fn print_message(id: &str, Entities { users, messages, .. }: &Entities<Value>) {
    let Some(message) = messages.iter().find(|message| message["id"] == id) else { return };
    let sender = users.iter().find(|user| user["id"] == message["sender"]);
    let name = sender.and_then(|sender| sender["name"].as_str()).unwrap_or("(system)");
    println!("{name}: {}", message["plaintext"].as_str().unwrap_or_default());
}
