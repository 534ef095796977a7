//! Files: asking for an upload, completing it, and the file of a message.
//!
//! The bytes travel outside of the rules. A file is expected from the moment at which its upload is allowed,
//! and can be sent once its bytes have arrived.

use causerie_protocol::content::{ContentBlock, FileBlock};
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::params::CreateFile;

use super::content::{Content, FileReference};
use super::context::{Caller, ReadRules, WriteRules};
use super::error::RuleResult;
use super::json::to_json;
use super::refusal::Refusal;
use crate::file_links::{FileLinks, FilePolicy, LinkProblem, hex};
use crate::file_types;
use crate::store::records::FileRecord;

/// Returns the policy; refuses the call if the server does not store files.
fn policy<'a>(rules: ReadRules<'a>) -> RuleResult<&'a FilePolicy> {
    rules.context.files.ok_or_else(|| Refusal::UploadsDisabled.into())
}

/// Allows an upload, or refuses it by its size, its type, or the number of files that wait to be sent.
/// Returns the token of the file.
pub(crate) fn create(rules: &mut WriteRules<'_>, data: CreateFile) -> RuleResult<String> {
    let policy = policy(rules.read())?.clone();
    let content_type = file_types::normalized(&data.content_type);
    if let Some(kind) = data.subtype
        && let Some(types) = file_types::refused_for(kind, &content_type)
    {
        let problem = format!("must be one of {types} for this kind of file (got {content_type:?})");
        return Err(ErrorBody::invalid("contentType", &problem).into());
    }
    check_bytes("size", data.size, policy.max_bytes)?;
    let uploader = match rules.context.caller {
        Caller::Backend => String::new(),
        Caller::User(user) => {
            let role = rules.read().role()?;
            let (settings, most) = (role.settings, role.settings.upload_bytes.unwrap_or(u64::MAX));
            if most == 0 || !settings.may_upload(&content_type) {
                role.require(false, "upload files of this type")?;
            }
            check_bytes("size", data.size, most)?;
            check_unused(rules.read(), &policy, user.as_str(), data.size)?;
            user.as_str().to_owned()
        }
    };
    let file = FileRecord {
        id: hex((rules.context.random)()?.to_be_bytes().iter()),
        uploader,
        is_stored: false,
        kind: data.subtype,
        name: data.filename,
        content_type,
        size: data.size,
        width: data.width,
        height: data.height,
        duration: data.duration,
        created_at: rules.context.now,
    };
    rules.store.put_file(rules.app_id(), &file)?;
    Ok(policy.links.token(rules.app_id(), &file.id, &file.uploader))
}

/// Refuses a file over a limit.
pub(crate) fn check_bytes(field: &str, size: u64, most: u64) -> Result<(), ErrorBody> {
    if size <= most {
        return Ok(());
    }
    let message = format!("{field}: must be at most {most} bytes (got {size})");
    Err(ErrorBody { field: Some(field.to_owned()), ..ErrorBody::new(ErrorCode::TooLarge, message) })
}

/// Refuses a further file of a user who has uploaded too much without sending it.
fn check_unused(rules: ReadRules<'_>, policy: &FilePolicy, user: &str, size: u64) -> RuleResult<()> {
    let (files, bytes) = rules.store.unused_files(rules.app_id(), user)?;
    if files < policy.unused_files && bytes.saturating_add(size) <= policy.unused_bytes {
        return Ok(());
    }
    let message = format!(
        "a user may have {} files and {} bytes that are uploaded and not sent: send them, or try again when \
         the server has deleted them",
        policy.unused_files, policy.unused_bytes
    );
    Err(ErrorBody::new(ErrorCode::RateLimited, message).after(RETRY_MS).into())
}

/// How long a user with too many unsent files should wait, in milliseconds.
const RETRY_MS: u32 = 600_000;

/// Returns the file that a token stands for; refuses a token of another app or one that nobody signed.
pub(crate) fn of_token(rules: ReadRules<'_>, field: &str, token: &str) -> RuleResult<FileRecord> {
    let policy = policy(rules)?;
    let app = rules.app_id();
    let found = FileLinks::id_in(token).map(|id| rules.store.file(app, id)).transpose()?.flatten();
    let file = found.filter(|file| policy.links.is_token(token, app, &file.id, &file.uploader));
    file.ok_or_else(|| {
        let problem = "must be a token that an upload to this app returned, and its file must still exist";
        ErrorBody::invalid(field, problem).into()
    })
}

/// Checks the query of a file's URL.
pub(crate) fn check_url(
    links: &FileLinks,
    app: &str,
    id: &str,
    expires: &str,
    signature: &str,
    now: i64,
) -> Result<(), ErrorBody> {
    links.check_url(app, id, expires, signature, now).map_err(|problem| {
        let message = match problem {
            LinkProblem::Forged => "this is no URL of a file of this server",
            LinkProblem::Expired => "this URL has expired: read the message again for the new one",
        };
        ErrorBody::new(ErrorCode::Forbidden, message)
    })
}

/// The error for a file that does not exist any more.
pub(crate) fn gone() -> ErrorBody {
    ErrorBody::new(ErrorCode::NotFound, "the file was deleted, because its message was")
}

/// Stores that the bytes of a file have arrived.
pub(crate) fn complete(rules: &mut WriteRules<'_>, file: &FileRecord) -> RuleResult<()> {
    if rules.store.complete_file(rules.app_id(), file)? {
        return Ok(());
    }
    Err(ErrorBody::new(ErrorCode::TimedOut, "the upload took too long: upload the file again").into())
}

/// Puts what the server knows about a file into the content that has its token. Returns the content, and the
/// id of its file.
pub(super) fn resolve(rules: ReadRules<'_>, content: Content) -> RuleResult<(Content, Option<String>)> {
    let Some(FileReference { token, field }) = &content.file else { return Ok((content, None)) };
    let file = of_token(rules, field, token)?;
    if !file.is_stored {
        let problem = "must be the token of a file whose upload is complete";
        return Err(ErrorBody::invalid(*field, problem).into());
    }
    let block = ContentBlock::File(FileBlock {
        subtype: file.kind,
        file_token: token.clone(),
        // It changes with time, see `with_url`.
        url: None,
        size: Some(file.size),
        filename: Some(file.name.clone()),
        width: file.width,
        height: file.height,
        duration: file.duration,
    });
    let blocks = String::from(Box::<str>::from(to_json(&[block])?));
    Ok((Content { blocks, plaintext: file.name, ..content }, Some(file.id)))
}

/// How the content of a message with a file starts in the store.
const FILE_START: &str = "[{\"type\":\"file\"";

/// Whether stored content is a file.
pub(super) fn is_file(content: &str) -> bool {
    content.starts_with(FILE_START)
}

/// Returns stored content with the URL of its file, if it has one.
pub(super) fn with_url(rules: ReadRules<'_>, content: String) -> RuleResult<String> {
    let Some(policy) = rules.context.files.filter(|_| is_file(&content)) else { return Ok(content) };
    let mut blocks: Vec<ContentBlock> = serde_json::from_str(&content)?;
    for block in &mut blocks {
        if let ContentBlock::File(file) = block
            && let Some(id) = FileLinks::id_in(&file.file_token)
        {
            let name = file.filename.as_deref().unwrap_or_default();
            file.url = Some(policy.links.url(rules.app_id(), id, name, rules.context.now));
        }
    }
    Ok(String::from(Box::<str>::from(to_json(&blocks)?)))
}
