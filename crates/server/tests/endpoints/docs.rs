//! Checks docs/self-hosting.md: its examples are accepted, its defaults are the defaults, and no setting is
//! missing.

use causerie_server::Config;
use causerie_server::apps::roles::{MessageScope, RoleSettings};
use causerie_server::config::Limits;
use causerie_server::config::cli::Cli;
use clap::{CommandFactory as _, Parser as _};

use crate::support::NEW_SECRET;

const PAGE: &str = include_str!("../../../../docs/self-hosting.md");

/// The TOML blocks of the page.
fn blocks() -> Vec<&'static str> {
    PAGE.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The TOML block that contains a line with this start.
fn block(start: &str) -> &'static str {
    let has_line = |block: &&str| block.lines().any(|line| line.starts_with(start));
    blocks().into_iter().find(has_line).unwrap_or_else(|| panic!("no block has {start}"))
}

fn read(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("causerie.toml");
    std::fs::write(&file, text).unwrap();
    let cli = Cli::parse_from(["causerie-server", "--config", file.to_str().unwrap()]);
    cli.into_config(|_| None).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn the_example_file_is_accepted() {
    let config = read(&blocks()[0].replace("0f1e2d3c…", NEW_SECRET));
    let app = config.apps.get("shop").unwrap();
    assert!(app.authentication && !app.user_sync && !app.loopback_only);
    assert!(app.origins.allows("https://shop.example.com"));
    assert!(config.trusted_proxies[0].contains("127.0.0.1".parse().unwrap()));
}

#[test]
fn the_example_of_roles_is_accepted_and_the_table_has_each_setting_with_its_default() {
    let config = read(&block("[apps.roles.").replace("0f1e2d3c…", NEW_SECRET));
    let roles = &config.apps.get("shop").unwrap().roles;
    let defaults = RoleSettings::default();
    assert_eq!(roles.settings("unknown"), &RoleSettings { links: false, ..defaults.clone() });
    let moderator = RoleSettings { delete_messages: MessageScope::Any, ..defaults.clone() };
    assert_eq!(roles.settings("moderator"), &moderator);
    for (key, value) in [
        ("edit_messages", "\"own\""),
        ("delete_messages", "\"own\""),
        ("links", "true"),
        ("reactions", "true"),
        ("show_typing", "true"),
        ("show_online", "true"),
    ] {
        assert!(PAGE.contains(&format!("\n| `{key}` | `{value}` |")), "{key} has no row");
        let set = format!(
            "demo = true\n[[apps]]\nid = \"a\"\nsecrets = [\"{NEW_SECRET}\"]\n[apps.roles.b]\n{key} = {value}\n"
        );
        assert_eq!(read(&set).apps.get("a").unwrap().roles.settings("b"), &defaults, "{key} is {value}");
    }
}

#[test]
fn the_limits_on_the_page_are_the_defaults_and_each_can_be_changed() {
    let config = read(&format!("demo = true\n{}", block("[limits]")));
    assert_eq!(config.limits, Limits::default());
    for (key, value) in block("[limits]").lines().filter_map(|line| line.split_once(" = ")) {
        let changed = match value.chars().next() {
            Some('{') => "{ per_second = 7, burst = 7 }",
            Some('"') => "\"internal\"",
            _ => "7",
        };
        let config = read(&format!("demo = true\n[limits]\n{key} = {changed}\n"));
        assert_ne!(config.limits, Limits::default(), "{key} has no effect");
    }
}

#[test]
fn each_command_line_option_is_on_the_page_with_its_variable() {
    for argument in Cli::command().get_arguments().filter(|argument| argument.get_env().is_some()) {
        let flag = format!("`--{}", argument.get_long().unwrap());
        let variable = format!("`{}`", argument.get_env().unwrap().to_str().unwrap());
        let row =
            PAGE.lines().find(|line| line.starts_with(&format!("| {flag}")) && line.contains(&variable));
        assert!(row.is_some(), "{flag} with {variable} has no row");
    }
}
