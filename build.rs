//! Turns `proto/` into everything that is derived from the contract:
//!
//! - messages, services and the typed JSON of the settings,
//! - validation of every rule, compiled (a rule that cannot be compiled fails the build),
//! - the descriptor set, with comments (`contract.binpb`) and without (`contract_slim.binpb`),
//! - `contract.rs`: the event registry as types, the method policies, the error catalogue and the
//!   settings. An event without wiring, a method without policy or a reason without a row fails
//!   the build here; a wrong publisher or an unhandled event fails it in the compiler.

#[path = "build/read.rs"]
mod read;
#[path = "build/sources.rs"]
mod sources;

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

use read::{comments, flag, number, text, texts};
use sources::{list_protos, resolver};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const OPTIONS: &str = "cantina.options.v1";

fn main() -> Result<()> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=migrations");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut files = Vec::new();
    list_protos(PathBuf::from("proto"), &mut files)?;
    // Nothing imports the standard details, but every client needs them to read our errors.
    files.push("google/rpc/error_details.proto".to_owned());
    files.sort();
    let mut compiler = protox::Compiler::with_file_resolver(resolver()?);
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let documented = compiler.encode_file_descriptor_set();
    fs::write(out.join("contract.binpb"), &documented)?;
    let descriptors = compiler.file_descriptor_set();
    let mut slim = protox::Compiler::with_file_resolver(resolver()?);
    slim.include_imports(true).open_files(&files)?;
    let slim = slim.encode_file_descriptor_set();
    fs::write(out.join("contract_slim.binpb"), &slim)?;

    generate_messages(descriptors)?;
    generate_settings_json(&slim, &out)?;
    prost_protovalidate_build::Builder::new()
        .file_descriptor_set_bytes(slim)
        .extern_path(".google.protobuf", "::pbjson_types")
        .extern_path(".google.rpc", "::tonic_types::pb")
        .extern_path(".cantina.event.v1.Event", "crate::pb::cantina::event::v1::Event")
        .extern_path(".cantina.event.v1.SnapshotPart", "crate::pb::cantina::event::v1::SnapshotPart")
        .fail_on_runtime_only(true)
        .compile()?;
    // The crate's own check of a UUID, which every command with a request id runs, allocates.
    let validated = fs::read_to_string(out.join("validate_impl.rs"))?
        .replace("::prost_protovalidate::validators::is_uuid", "crate::codec::is_uuid");
    fs::write(out.join("validate_impl.rs"), &validated)?;
    let contract = Contract::read(&documented)?.write(&validated)?;
    fs::write(out.join("contract.rs"), contract)?;
    Ok(())
}

fn generate_messages(descriptors: prost_types::FileDescriptorSet) -> Result<()> {
    let mut config = prost_build::Config::new();
    config
        .enable_type_names()
        .type_name_domain(["."], "type.googleapis.com")
        .bytes(["."])
        .compile_well_known_types()
        .extern_path(".google.protobuf", "::pbjson_types")
        .extern_path(".google.protobuf.FileDescriptorSet", "crate::codec::EncodedList")
        .extern_path(".buf.validate", "::prost_protovalidate::types")
        .extern_path(".google.rpc", "::tonic_types::pb")
        .extern_path(".cantina.event.v1.Events", "crate::codec::EncodedList")
        .include_file("protos.rs");
    tonic_prost_build::configure()
        .codec_path("crate::codec::ContractCodec")
        .compile_fds_with_config(descriptors, config)?;
    Ok(())
}

/// Typed JSON for the settings, appended to the module of their messages.
fn generate_settings_json(descriptors: &[u8], out: &Path) -> Result<()> {
    let sections =
        ["Config", "DeviceConfig", "ServerConfig", "StorageConfig", "LogConfig", "AudioConfig", "MusicConfig"];
    let names = sections.map(|section| format!(".cantina.config.v1.{section}"));
    let writers: Vec<(_, Vec<u8>)> = pbjson_build::Builder::new()
        .preserve_proto_field_names()
        .register_descriptors(descriptors)?
        .generate(&names, |_| Ok(Vec::new()))?;
    let file = out.join("cantina.config.v1.rs");
    let json =
        writers.into_iter().map(|(_, code)| String::from_utf8(code)).collect::<std::result::Result<String, _>>()?;
    fs::write(&file, fs::read_to_string(&file)? + &json)?;
    Ok(())
}

/// The parts of the contract that become tables and types.
struct Contract {
    pool: DescriptorPool,
    comments: BTreeMap<String, String>,
}

impl Contract {
    fn read(encoded: &[u8]) -> Result<Self> {
        let pool = DescriptorPool::decode(encoded)?;
        let comments = pool.files().filter(|f| f.package_name().starts_with("cantina")).flat_map(comments).collect();
        Ok(Self { pool, comments })
    }

    fn write(&self, validated: &str) -> Result<String> {
        let mut code = String::new();
        self.write_checks(&mut code, validated)?;
        self.write_events(&mut code)?;
        self.write_methods(&mut code)?;
        self.write_reasons(&mut code)?;
        self.write_settings(&mut code)?;
        self.write_secrets(&mut code)?;
        Ok(code)
    }

    /// The value of one of our options, if it is set.
    fn option(&self, options: &DynamicMessage, name: &str) -> Option<Value> {
        let extension = self.pool.get_extension_by_name(&format!("{OPTIONS}.{name}"))?;
        options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
    }

    fn comment(&self, full_name: &str) -> Result<&str> {
        self.comments.get(full_name).map(String::as_str).ok_or_else(|| format!("{full_name} has no comment").into())
    }

    /// `Checked` for every message: requests with rules run them, everything else passes.
    fn write_checks(&self, code: &mut String, validated: &str) -> Result<()> {
        let requests: Vec<_> =
            self.pool.services().flat_map(|s| s.methods().map(|m| m.input()).collect::<Vec<_>>()).collect();
        let ours = |m: &MessageDescriptor| {
            m.package_name().starts_with("cantina.") && m.full_name() != "cantina.event.v1.Events"
        };
        for message in self.pool.all_messages().filter(ours) {
            let rust = rust_path(&message);
            let has_rules = validated.contains(&format!("for {} {{", rust.trim_start_matches("crate::pb::")));
            let body =
                if has_rules && (requests.contains(&message) || message.full_name() == "cantina.config.v1.Config") {
                    "::prost_protovalidate::Validate::validate(self)"
                } else {
                    "Ok(())"
                };
            writeln!(
                code,
                "impl Checked for {rust} {{\n    fn check(&self) -> Result<(), ::prost_protovalidate::ValidationError> {{\n        {body}\n    }}\n}}"
            )?;
        }
        Ok(())
    }

    fn write_events(&self, code: &mut String) -> Result<()> {
        let event = self.pool.get_message_by_name("cantina.event.v1.Event").ok_or("no Event message")?;
        let payload = event.oneofs().find(|o| o.name() == "payload").ok_or("Event has no payload")?;
        let mut kinds = String::new();
        let mut rows = String::new();
        let mut payloads = String::new();
        let mut producers: BTreeMap<String, ()> = BTreeMap::new();
        let mut consumers: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for field in payload.fields() {
            let full_name = field.full_name().to_owned();
            let Some(Value::Message(wiring)) = self.option(&field.options(), "wiring") else {
                return Err(format!("event {full_name} is not wired: give it a (wiring) option").into());
            };
            let Kind::Message(message) = field.kind() else { return Err(format!("{full_name} is no message").into()) };
            let (feature, rest) = field.name().split_once('_').ok_or("an event is named feature_event")?;
            let name = format!("{feature}.{rest}");
            let variant = camel(field.name());
            let rust = rust_path(&message);
            let producer = text(&wiring, "producer");
            let readers: Vec<String> = texts(&wiring, "consumers");
            let [durability, rate, retention] = ["durability", "rate", "retention"].map(|n| number(&wiring, n));
            if producer.is_empty() || readers.is_empty() || durability * rate * retention == 0 {
                return Err(format!("event {full_name} is only half wired: {wiring}").into());
            }
            let known = |name: &str| name == "dashboard" || Path::new("src").join(name).is_dir();
            if let Some(stranger) = readers.iter().chain([&producer]).find(|name| !known(name)) {
                return Err(format!("event {full_name} is wired to {stranger}, which is no folder of src/").into());
            }
            writeln!(kinds, "    /// {}\n    {variant},", self.comment(&full_name)?)?;
            writeln!(
                rows,
                "    EventInfo {{ kind: EventKind::{variant}, name: {name:?}, message_name: {:?}, description: {:?}, producer: {producer:?}, consumers: &{readers:?}, durability: {durability}, rate: {rate}, retention: {retention}, tag: {} }},",
                message.full_name(),
                self.comment(&full_name)?,
                field.number(),
            )?;
            writeln!(
                payloads,
                "impl Payload for {rust} {{\n    const KIND: EventKind = EventKind::{variant};\n    type Producer = producer::{};\n}}",
                camel(&producer),
            )?;
            producers.insert(producer, ());
            for reader in readers.into_iter().filter(|r| r != "dashboard") {
                consumers.entry(reader).or_default().push((variant.clone(), rust.clone()));
            }
        }
        writeln!(
            code,
            "/// The type of an event: one value for each field of `Event.payload`.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n#[repr(u16)]\npub enum EventKind {{\n{kinds}}}\n"
        )?;
        writeln!(
            code,
            "/// The registry, in the order of [`EventKind`].\npub static EVENTS: &[EventInfo] = &[\n{rows}];\n\n{payloads}"
        )?;
        writeln!(
            code,
            "/// One type for each feature that publishes events.\npub mod producer {{\n    use super::Producer;\n"
        )?;
        for producer in producers.keys() {
            writeln!(
                code,
                "    /// Publishes the events of `{producer}`.\n    #[derive(Clone, Copy, Debug)]\n    pub enum {0} {{}}\n    impl Producer for {0} {{\n        const NAME: &'static str = {producer:?};\n    }}",
                camel(producer)
            )?;
        }
        writeln!(
            code,
            "}}\n\n/// One enum for each feature that reads events: exactly the events it is wired to.\npub mod consumer {{\n    use super::{{Consumer, EventKind}};\n    use crate::pb::cantina::event::v1::event::Payload;\n"
        )?;
        for (consumer, events) in &consumers {
            let name = camel(consumer);
            writeln!(
                code,
                "    /// The events that `{consumer}` handles.\n    #[derive(Clone, Debug)]\n    pub enum {name} {{"
            )?;
            for (variant, rust) in events {
                writeln!(code, "        /// See [`EventKind::{variant}`].\n        {variant}(Box<{rust}>),")?;
            }
            writeln!(
                code,
                "    }}\n    impl Consumer for {name} {{\n        const NAME: &'static str = {consumer:?};\n        const KINDS: &'static [EventKind] = &[{}];",
                events.iter().map(|(v, _)| format!("EventKind::{v}")).collect::<Vec<_>>().join(", ")
            )?;
            writeln!(
                code,
                "        fn from_payload(payload: Payload) -> Option<Self> {{\n            match payload {{"
            )?;
            for (variant, _) in events {
                writeln!(
                    code,
                    "                Payload::{variant}(message) => Some(Self::{variant}(Box::new(message))),"
                )?;
            }
            writeln!(code, "                _ => None,\n            }}\n        }}\n    }}")?;
        }
        writeln!(code, "}}\n")?;
        Ok(())
    }

    fn write_methods(&self, code: &mut String) -> Result<()> {
        writeln!(code, "/// The policy of every method of our own services.\npub static METHODS: &[MethodInfo] = &[")?;
        for service in self.pool.services().filter(|s| s.full_name().starts_with("cantina.")) {
            for method in service.methods() {
                let full_name = method.full_name();
                let Some(Value::Message(policy)) = self.option(&method.options(), "policy") else {
                    return Err(format!("method {full_name} has no (policy) option").into());
                };
                let role = number(&policy, "role");
                let audited = flag(&policy, "audited");
                let deadline = policy.get_field_by_name("deadline_ms").and_then(|v| v.as_u32()).unwrap_or(0);
                let commit = method.output().get_field_by_name("commit").map_or(0, |f| f.number());
                if role == 0 || (deadline == 0) != method.is_server_streaming() || audited == (commit == 0) {
                    return Err(format!(
                        "method {full_name}: a policy has a role, a unary method a deadline, an audited one a commit"
                    )
                    .into());
                }
                let request_id = method.input().get_field_by_name("request_id").map_or(0, |f| f.number());
                writeln!(
                    code,
                    "    MethodInfo {{ path: \"/{}/{}\", name: \"{}/{}\", input: {:?}, role: {role}, audited: {audited}, allowed_while_stopped: {}, deadline_ms: {deadline}, streaming: {}, request_id_tag: {request_id}, commit_tag: {commit} }},",
                    service.full_name(),
                    method.name(),
                    service.full_name(),
                    method.name(),
                    method.input().full_name(),
                    flag(&policy, "allowed_while_stopped"),
                    method.is_server_streaming(),
                )?;
            }
        }
        writeln!(code, "];\n")?;
        Ok(())
    }

    fn write_reasons(&self, code: &mut String) -> Result<()> {
        let reasons = self.pool.get_enum_by_name("cantina.error.v1.ErrorReason").ok_or("no ErrorReason")?;
        writeln!(code, "/// The error catalogue.\npub static REASONS: &[ReasonInfo] = &[")?;
        for value in reasons.values() {
            let Some(Value::Message(reason)) = self.option(&value.options(), "reason") else {
                return Err(format!("{} has no (reason) option", value.full_name()).into());
            };
            let name = value.name().trim_start_matches("ERROR_REASON_");
            let code_number = reason.get_field_by_name("code").and_then(|v| v.as_u32()).unwrap_or(0);
            writeln!(
                code,
                "    ReasonInfo {{ reason: ErrorReason::{}, name: {name:?}, code: {code_number}, severity: {}, retryable: {}, recovery: {:?}, description: {:?} }},",
                camel(&name.to_lowercase()),
                number(&reason, "severity"),
                flag(&reason, "retryable"),
                text(&reason, "recovery"),
                self.comment(&format!("cantina.error.v1.ErrorReason.{}", value.name()))?,
            )?;
        }
        writeln!(code, "];\n")?;
        Ok(())
    }

    fn write_settings(&self, code: &mut String) -> Result<()> {
        let config = self.pool.get_message_by_name("cantina.config.v1.Config").ok_or("no Config")?;
        writeln!(
            code,
            "/// Every setting, with its environment variable and default.\npub static SETTINGS: &[SettingInfo] = &["
        )?;
        for section in config.fields() {
            let Kind::Message(message) = section.kind() else { return Err("a section of Config is a message".into()) };
            for field in message.fields() {
                let Some(Value::Message(setting)) = self.option(&field.options(), "setting") else {
                    return Err(format!("{} has no (setting) option", field.full_name()).into());
                };
                writeln!(
                    code,
                    "    SettingInfo {{ section: {:?}, field: {:?}, environment: {:?}, default_json: {:?}, needs_restart: {}, shape: SettingShape::{}, description: {:?} }},",
                    section.name(),
                    field.name(),
                    text(&setting, "environment"),
                    text(&setting, "default_json"),
                    flag(&setting, "needs_restart"),
                    shape(&field),
                    self.comment(field.full_name())?,
                )?;
            }
        }
        writeln!(code, "];")?;
        Ok(())
    }

    fn write_secrets(&self, code: &mut String) -> Result<()> {
        let fields = self.pool.all_messages().flat_map(|message| message.fields().collect::<Vec<_>>());
        let secrets: Vec<_> = fields
            .filter(|field| matches!(self.option(&field.options(), "secret"), Some(Value::Bool(true))))
            .map(|field| field.full_name().to_owned())
            .collect();
        writeln!(
            code,
            "\n/// The full names of the fields marked `(secret)`.\npub static SECRETS: &[&str] = &{secrets:?};"
        )?;
        Ok(())
    }
}

fn shape(field: &FieldDescriptor) -> &'static str {
    match field.kind() {
        Kind::Bool => "Bool",
        Kind::Uint32 | Kind::Uint64 => "Number",
        _ if field.is_list() => "List",
        _ => "Text",
    }
}

fn rust_path(message: &MessageDescriptor) -> String {
    format!("crate::pb::{}::{}", message.package_name().replace('.', "::"), message.name())
}

fn camel(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
