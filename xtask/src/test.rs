//! `cargo xtask test`: runs the [`steps`](crate::steps) in order, stops at the first that fails, and ends
//! with a table and a line with the counts.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::sh;
use crate::steps::{STEPS, Step};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only these steps, in their usual order (names, comma-separated)
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// List the steps
    #[arg(long)]
    list: bool,
}

/// The command. Returns whether all steps passed; the error of a failed step is printed.
pub(crate) fn run(args: &Args) -> Result<bool> {
    if args.list {
        for step in &STEPS {
            println!("{:<15}{}", step.name, step.about);
        }
        return Ok(true);
    }
    let selected = select(&args.only)?;
    let mut results = Vec::new();
    for (index, step) in selected.iter().enumerate() {
        println!("\n[{}/{}] {}: {}", index + 1, selected.len(), step.name, step.about);
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
    println!("\n{}", table(&selected, &results));
    println!("{}", summary(&results));
    Ok(results.iter().all(|result| result.passed))
}

struct StepResult {
    name: &'static str,
    passed: bool,
    took: Duration,
}

/// The selected steps, in the order of [`STEPS`].
fn select(only: &[String]) -> Result<Vec<&'static Step>> {
    for name in only {
        if !STEPS.iter().any(|step| step.name == name) {
            let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            bail!("--only: must be a step (got `{name}`); the steps are {}", names.join(", "));
        }
    }
    Ok(STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)).collect())
}

fn table(selected: &[&Step], results: &[StepResult]) -> String {
    let mut lines: Vec<String> = results
        .iter()
        .map(|result| {
            let status = if result.passed { "passed" } else { "FAILED" };
            format!("  {:<15}{status:<8}{:>9}", result.name, sh::seconds(result.took))
        })
        .collect();
    for step in selected.iter().skip(results.len()) {
        lines.push(format!("  {:<15}not run", step.name));
    }
    let all: Duration = results.iter().map(|result| result.took).sum();
    lines.push(format!("  {:<23}{:>9}", "total", sh::seconds(all)));
    lines.join("\n")
}

fn summary(results: &[StepResult]) -> String {
    let failed = results.iter().filter(|result| !result.passed).count();
    format!("{} passed, {failed} failed", results.len() - failed)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{StepResult, select, summary, table};

    #[test]
    fn steps_run_in_the_order_of_the_list() {
        let names: Vec<&str> =
            select(&["size".into(), "fmt".into()]).unwrap().iter().map(|step| step.name).collect();
        assert_eq!(names, ["fmt", "size"]);
    }

    #[test]
    fn error_of_an_unknown_step_lists_all_steps() {
        let error = select(&["clipy".into()]).err().unwrap().to_string();
        assert!(error.contains("`clipy`") && error.contains("clippy"), "{error}");
    }

    #[test]
    fn steps_that_did_not_run_are_listed_but_not_counted() {
        let all = select(&[]).unwrap();
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
