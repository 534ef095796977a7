//! `wasm-bindgen`: writes the JavaScript glue and the typings of a compiled module.

fn main() -> anyhow::Result<()> {
    env_logger::init();
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
