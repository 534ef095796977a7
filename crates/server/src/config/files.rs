//! The settings of the storage of files.

use std::fmt;
use std::path::PathBuf;

use causerie_protocol::limits::FILE_BYTES;
use serde::Deserialize;
use url::Url;

/// The settings of the storage of files. A key that is missing in the file has its default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilesConfig {
    /// Whether files are stored at all.
    pub enabled: bool,
    /// The origin under which browsers reach the server, at which the URLs of files start. By default the
    /// address on which the server listens.
    pub url: Option<String>,
    /// The folder of the files. By default `files` beside the database.
    pub folder: Option<PathBuf>,
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// How long a URL can be used for sure, in days; it can be used for at most twice as long.
    pub url_days: u32,
    /// How long a file is kept that is not sent, in hours.
    pub unused_hours: u32,
    /// The most files of a user that are not sent.
    pub unused_files: u32,
    /// The most bytes of a user's files that are not sent.
    pub unused_bytes: u64,
    /// The most uploads at once.
    pub uploads: u32,
    /// The most uploads of a user at once.
    pub uploads_per_user: u32,
    /// A store that speaks S3, instead of a folder.
    pub s3: Option<S3Config>,
}

impl Default for FilesConfig {
    fn default() -> Self {
        FilesConfig {
            enabled: true,
            url: None,
            folder: None,
            max_bytes: 100 << 20,
            url_days: 30,
            unused_hours: 24,
            unused_files: 100,
            unused_bytes: 500 << 20,
            uploads: 32,
            uploads_per_user: 4,
            s3: None,
        }
    }
}

/// A bucket of a store that speaks S3.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// The name of the bucket, which must exist.
    pub bucket: String,
    /// The URL of the store. By default that of AWS.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The region. By default `us-east-1`.
    #[serde(default)]
    pub region: Option<String>,
    /// The id of the access key.
    pub access_key_id: String,
    /// The secret of the access key. By default the variable `CAUSERIE_S3_SECRET_ACCESS_KEY`.
    #[serde(default)]
    pub secret_access_key: String,
    /// Whether the bucket is a part of the host, as in `bucket.s3.example.com`.
    #[serde(default)]
    pub virtual_hosted: bool,
}

impl fmt::Debug for S3Config {
    /// Omits the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Config")
            .field("bucket", &self.bucket)
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("virtual_hosted", &self.virtual_hosted)
            .finish_non_exhaustive()
    }
}

impl FilesConfig {
    /// Checks the settings, and completes them from the environment. Returns the key that is wrong and the
    /// rule.
    pub(super) fn complete(
        mut self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, (&'static str, String)> {
        if let Some(url) = environment("CAUSERIE_FILES_URL").filter(|url| !url.is_empty()) {
            self.url = Some(url);
        }
        if let Some(s3) = &mut self.s3 {
            if s3.secret_access_key.is_empty() {
                s3.secret_access_key = environment("CAUSERIE_S3_SECRET_ACCESS_KEY").unwrap_or_default();
            }
            if s3.secret_access_key.is_empty() {
                let rule = "is missing; set it, or the variable CAUSERIE_S3_SECRET_ACCESS_KEY";
                return Err(("s3.secret_access_key", rule.to_owned()));
            }
        }
        let is_origin = |text: &String| {
            Url::parse(text).is_ok_and(|url| {
                matches!(url.scheme(), "http" | "https")
                    && url.host_str().is_some()
                    && url.path() == "/"
                    && url.query().is_none()
                    && url.fragment().is_none()
            })
        };
        if let Some(url) = self.url.as_ref().filter(|url| !is_origin(url)) {
            let rule = format!("must be an origin such as \"https://chat.example.com\" (got {url:?})");
            return Err(("url", rule));
        }
        if self.max_bytes > FILE_BYTES {
            return Err(("max_bytes", format!("must be at most {FILE_BYTES}")));
        }
        for (key, count) in [
            ("url_days", self.url_days),
            ("unused_hours", self.unused_hours),
            ("uploads", self.uploads),
            ("uploads_per_user", self.uploads_per_user),
        ] {
            if count == 0 || count > 10_000 {
                return Err((key, "must be 1 to 10000".to_owned()));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_refused_with_their_key() {
        let wrong = |config: FilesConfig| config.complete(|_| None).unwrap_err().0;
        let base = FilesConfig::default;
        assert_eq!(wrong(FilesConfig { url: Some("chat.example.com".to_owned()), ..base() }), "url");
        assert_eq!(wrong(FilesConfig { url: Some("https://a.test/x".to_owned()), ..base() }), "url");
        assert_eq!(wrong(FilesConfig { max_bytes: u64::MAX, ..base() }), "max_bytes");
        assert_eq!(wrong(FilesConfig { uploads: 0, ..base() }), "uploads");
        let s3 = S3Config {
            bucket: "files".to_owned(),
            endpoint: None,
            region: None,
            access_key_id: "id".to_owned(),
            secret_access_key: String::new(),
            virtual_hosted: false,
        };
        let with_s3 = FilesConfig { s3: Some(s3), ..base() };
        assert_eq!(wrong(with_s3.clone()), "s3.secret_access_key");
        let environment = |name: &str| (name == "CAUSERIE_S3_SECRET_ACCESS_KEY").then(|| "secret".to_owned());
        let complete = with_s3.complete(environment).unwrap();
        assert_eq!(complete.s3.as_ref().unwrap().secret_access_key, "secret");
        assert!(!format!("{complete:?}").contains("secret\""), "no log contains it");
    }
}
