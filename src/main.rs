//! `cantinad`: arguments, settings, log, and the daemon.

use std::process::ExitCode;

use cantina::{
    app::App,
    cli::{self, Arguments},
    clock::Clock,
    config::Loaded,
    system::{Ending, Logs},
};
use clap::Parser;

fn main() -> ExitCode {
    let clock = Clock::system();
    let arguments = Arguments::parse();
    if let Some(command) = &arguments.command {
        return command.run(&arguments);
    }
    match serve(&arguments, clock) {
        Ok(Ending::Shutdown) => ExitCode::SUCCESS,
        Ok(Ending::Restart) => cli::restart(),
        Err(error) => {
            eprintln!("cantinad: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn serve(arguments: &Arguments, clock: Clock) -> anyhow::Result<Ending> {
    let loaded = Loaded::read(arguments.config_file().as_deref(), |name| arguments.variable(name))?;
    let logs = Logs::new(clock.clone());
    let filter = cli::start_logging(&loaded, &logs)?;
    if let Some(problem) = &loaded.problem {
        tracing::error!("safe mode: {problem}");
    }
    let app = App::start(loaded, logs, clock, filter).await?;
    println!("cantinad listens on http://{}", app.address());
    tokio::select! {
        () = app.context().shutdown().cancelled() => {}
        signal = cli::end_signal() => app.end(signal),
    }
    Ok(app.ended().await)
}
