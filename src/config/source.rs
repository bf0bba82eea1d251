//! Where settings come from before the daemon runs: a file and the environment.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::Error;
use crate::pb::{
    cantina::config::v1::Config,
    registry::{SETTINGS, SettingShape},
};

/// Reads a settings file: JSON when its name ends in `.json`, TOML otherwise.
///
/// # Errors
/// [`Error::FileBroken`] when it cannot be read, holds an unknown setting, or breaks a rule.
pub fn read_file(path: &Path) -> Result<Config, Error> {
    let broken = |what: String| Error::FileBroken { path: path.to_owned(), what };
    let text = fs::read_to_string(path).map_err(|error| broken(error.to_string()))?;
    let config: Config = if path.extension().is_some_and(|extension| extension == "json") {
        serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?
    } else {
        toml::from_str(&text).map_err(|error| broken(error.to_string()))?
    };
    super::rules::check(&config).map_err(|error| broken(error.to_string()))?;
    Ok(config)
}

/// Reads the settings of the environment, by the names that the contract gives them.
///
/// # Errors
/// [`Error::Environment`] names the variable whose text is not a value of its setting.
pub fn read_environment(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, Error> {
    let mut config = json!({});
    for setting in SETTINGS.iter().filter(|setting| !setting.environment.is_empty()) {
        let Some(text) = lookup(setting.environment).filter(|text| !text.is_empty()) else { continue };
        let broken = |what: String| Error::Environment { variable: setting.environment, what };
        config[setting.section][setting.field] =
            value(setting.shape, &text).ok_or_else(|| broken(format!("{text:?} is not a {:?}", setting.shape)))?;
        let so_far: Config = serde_json::from_value(config.clone()).map_err(|error| broken(error.to_string()))?;
        super::rules::check(&so_far).map_err(|error| broken(error.to_string()))?;
    }
    Ok(serde_json::from_value(config).expect("checked after each variable"))
}

fn value(shape: SettingShape, text: &str) -> Option<Value> {
    match (shape, text) {
        (SettingShape::Text, _) => Some(Value::from(text)),
        (SettingShape::Number, _) => text.parse::<u64>().ok().map(Value::from),
        (SettingShape::Bool, "1" | "true") => Some(Value::from(true)),
        (SettingShape::Bool, "0" | "false") => Some(Value::from(false)),
        (SettingShape::Bool, _) => None,
        (SettingShape::List, _) => Some(text.split(':').filter(|item| !item.is_empty()).collect()),
    }
}
