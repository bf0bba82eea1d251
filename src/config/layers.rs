//! The layers of the settings and how they merge. Pure: no file, no clock, no database.

use serde_json::{Map, Value, json};

use crate::pb::{
    cantina::config::v1::{Config, ConfigLayer, ConfigOrigin},
    registry::{SETTINGS, SettingInfo},
};

/// The settings of every layer.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Of the settings file.
    pub file: Config,
    /// Of the environment and the command line.
    pub environment: Config,
    /// Made at run time.
    pub overrides: Config,
}

impl SettingInfo {
    /// The path, for example `audio.output`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.field)
    }
}

impl Layers {
    /// The settings in force: defaults, file, environment and run-time settings, each overriding
    /// the one before it, field by field.
    #[must_use]
    pub fn effective(&self) -> Config {
        let layers = [defaults(), self.file.clone(), self.environment.clone(), self.overrides.clone()];
        let mut merged = Value::Object(Map::new());
        for layer in layers.iter().map(to_json) {
            for setting in SETTINGS {
                if let Some(value) = get(&layer, setting) {
                    put(&mut merged, setting, value.clone());
                }
            }
        }
        from_json(merged)
    }

    /// The layer of every setting that is not a default. `running` are the settings that the daemon
    /// started with: what differs from them and needs a restart is marked.
    #[must_use]
    pub fn origins(&self, running: &Config) -> Vec<ConfigOrigin> {
        let layers = [
            (ConfigLayer::Revision, to_json(&self.overrides)),
            (ConfigLayer::Environment, to_json(&self.environment)),
            (ConfigLayer::File, to_json(&self.file)),
        ];
        let (effective, running) = (to_json(&self.effective()), to_json(running));
        let origin = |setting: &SettingInfo| {
            let layer = layers.iter().find(|(_, layer)| get(layer, setting).is_some()).map(|(layer, _)| *layer);
            let restart_pending = setting.needs_restart && get(&effective, setting) != get(&running, setting);
            (layer.is_some() || restart_pending).then(|| ConfigOrigin {
                path: setting.path(),
                layer: layer.unwrap_or(ConfigLayer::Default).into(),
                restart_pending,
            })
        };
        SETTINGS.iter().filter_map(origin).collect()
    }

    /// The run-time settings after taking the fields at `paths` from `change`: a field that is
    /// absent there goes back to the layer below.
    #[must_use]
    pub fn overridden(&self, change: &Config, settings: &[&SettingInfo]) -> Config {
        let mut overrides = to_json(&self.overrides);
        let change = to_json(change);
        for setting in settings {
            match get(&change, setting) {
                Some(value) => put(&mut overrides, setting, value.clone()),
                None => remove(&mut overrides, setting),
            }
        }
        from_json(overrides)
    }
}

/// The built-in defaults.
#[must_use]
pub fn defaults() -> Config {
    let mut merged = json!({});
    for setting in SETTINGS {
        if let Ok(value) = serde_json::from_str(setting.default_json) {
            put(&mut merged, setting, value);
        }
    }
    let mut config: Config = from_json(merged);
    config.storage.get_or_insert_default().data_dir = Some(default_data_dir());
    let music = home().join("Music");
    if music.is_dir() {
        config.music.get_or_insert_default().folders = vec![music.to_string_lossy().into_owned()];
    }
    config
}

/// The paths in which two settings differ.
#[must_use]
pub fn differences(before: &Config, after: &Config) -> Vec<String> {
    let (before, after) = (to_json(before), to_json(after));
    SETTINGS.iter().filter(|setting| get(&before, setting) != get(&after, setting)).map(SettingInfo::path).collect()
}

/// The settings that a path names: one, or a whole section. `None` for an unknown path.
#[must_use]
pub fn resolve(path: &str) -> Option<Vec<&'static SettingInfo>> {
    let found: Vec<_> = SETTINGS.iter().filter(|setting| setting.section == path || setting.path() == path).collect();
    (!found.is_empty()).then_some(found)
}

fn home() -> std::path::PathBuf {
    std::env::home_dir().unwrap_or_else(|| "/var/lib".into())
}

fn default_data_dir() -> String {
    let base = std::env::var_os("XDG_DATA_HOME").map_or_else(|| home().join(".local/share"), Into::into);
    base.join("cantina").to_string_lossy().into_owned()
}

fn to_json(config: &Config) -> Value {
    serde_json::to_value(config).expect("settings always have a JSON form")
}

fn from_json(value: Value) -> Config {
    serde_json::from_value(value).expect("the JSON was made from settings")
}

fn get<'v>(config: &'v Value, setting: &SettingInfo) -> Option<&'v Value> {
    config.get(setting.section)?.get(setting.field)
}

fn put(config: &mut Value, setting: &SettingInfo, value: Value) {
    config[setting.section][setting.field] = value;
}

fn remove(config: &mut Value, setting: &SettingInfo) {
    if let Some(Value::Object(section)) = config.get_mut(setting.section) {
        section.remove(setting.field);
    }
}
