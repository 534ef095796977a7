//! `cargo xtask test`: runs the [`steps`](crate::steps) in order, stops at the first that fails, and ends with a
//! table and one line that counts.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::sh;
use crate::steps::{STEPS, Step};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only these steps, in their usual order (names separated by commas)
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Name the steps and what they do
    #[arg(long)]
    list: bool,
}

/// The command: whether everything passed. What failed has been told by then, and the count is the last line.
pub(crate) fn run(args: &Args) -> Result<bool> {
    if args.list {
        for step in &STEPS {
            println!("{:<15}{}", step.name, step.about);
        }
        return Ok(true);
    }
    let chosen = chosen(&args.only)?;
    let mut results = Vec::new();
    for (index, step) in chosen.iter().enumerate() {
        println!("\n[{}/{}] {}: {}", index + 1, chosen.len(), step.name, step.about);
        let since = Instant::now();
        let outcome = (step.run)();
        let passed = outcome.is_ok();
        if let Err(error) = outcome {
            eprintln!("\n{} failed: {error:#}", step.name);
        }
        results.push(StepResult { name: step.name, passed, took: since.elapsed() });
        if !passed {
            break;
        }
    }
    println!("\n{}", table(&chosen, &results));
    println!("{}", summary(&results));
    Ok(results.iter().all(|result| result.passed))
}

struct StepResult {
    name: &'static str,
    passed: bool,
    took: Duration,
}

/// The steps asked for, in the order of the list.
fn chosen(only: &[String]) -> Result<Vec<&'static Step>> {
    for name in only {
        if !STEPS.iter().any(|step| step.name == name) {
            let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            bail!("there is no step `{name}`; the steps are {}", names.join(", "));
        }
    }
    Ok(STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)).collect())
}

fn table(chosen: &[&Step], results: &[StepResult]) -> String {
    let mut lines: Vec<String> = results
        .iter()
        .map(|result| {
            let word = if result.passed { "passed" } else { "FAILED" };
            format!("  {:<15}{word:<8}{:>9}", result.name, sh::seconds(result.took))
        })
        .collect();
    for step in chosen.iter().skip(results.len()) {
        lines.push(format!("  {:<15}not run", step.name));
    }
    let all: Duration = results.iter().map(|result| result.took).sum();
    lines.push(format!("  {:<23}{:>9}", "in all", sh::seconds(all)));
    lines.join("\n")
}

fn summary(results: &[StepResult]) -> String {
    let failed = results.iter().filter(|result| !result.passed).count();
    format!("{} passed, {failed} failed", results.len() - failed)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{StepResult, chosen, summary, table};

    #[test]
    fn steps_run_in_their_own_order_whatever_order_they_are_asked_in() {
        let names: Vec<&str> =
            chosen(&["size".into(), "fmt".into()]).unwrap().iter().map(|step| step.name).collect();
        assert_eq!(names, ["fmt", "size"]);
    }

    #[test]
    fn an_unknown_step_is_named_beside_those_there_are() {
        let error = chosen(&["clipy".into()]).err().unwrap().to_string();
        assert!(error.contains("`clipy`") && error.contains("clippy"), "{error}");
    }

    #[test]
    fn what_was_not_run_is_not_counted_but_shown() {
        let all = chosen(&[]).unwrap();
        let results = [
            StepResult { name: "setup", passed: true, took: Duration::ZERO },
            StepResult { name: "fmt", passed: false, took: Duration::ZERO },
        ];
        assert_eq!(summary(&results), "1 passed, 1 failed");
        let table = table(&all, &results);
        assert!(table.contains("FAILED"));
        assert_eq!(table.matches("not run").count(), all.len() - 2);
    }
}
