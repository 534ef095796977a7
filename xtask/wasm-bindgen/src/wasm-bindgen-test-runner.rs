//! `wasm-bindgen-test-runner`: runs a compiled test module in a browser. `wasm-pack test` finds it on `PATH`.

fn main() -> anyhow::Result<()> {
    env_logger::init();
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
