//! Where the proto files come from: ours from `proto/`, third-party ones from the crates that carry
//! them.

use std::{fs, path::PathBuf};

use prost::Message;
use protox::file::{
    ChainFileResolver, DescriptorSetFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver,
};

use crate::Result;

/// Lists the files below a folder by their import names.
pub fn list_protos(folder: PathBuf, into: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list_protos(path, into)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            into.push(path.strip_prefix("proto")?.to_string_lossy().into_owned());
        }
    }
    Ok(())
}

/// Finds our files under `proto/` and third-party ones in the crates that carry them.
pub fn resolver() -> Result<impl FileResolver> {
    let mut chain = ChainFileResolver::new();
    chain.add(IncludeFileResolver::new("proto".into()));
    let validate = prost_protovalidate::types::DESCRIPTOR_POOL.encode_to_vec();
    chain.add(DescriptorSetFileResolver::decode(validate.as_slice())?);
    chain.add(RpcResolver);
    chain.add(GoogleFileResolver::new());
    Ok(chain)
}

/// Serves `google/rpc/*.proto` from tonic-types, which compiles them without their folder.
struct RpcResolver;

impl FileResolver for RpcResolver {
    fn open_file(&self, name: &str) -> std::result::Result<File, protox::Error> {
        let missing = || protox::Error::file_not_found(name);
        let short = name.strip_prefix("google/rpc/").ok_or_else(missing)?;
        let set =
            prost_types::FileDescriptorSet::decode(tonic_types::pb::FILE_DESCRIPTOR_SET).map_err(|_| missing())?;
        let mut file = set.file.into_iter().find(|f| f.name() == short).ok_or_else(missing)?;
        file.name = Some(name.to_owned());
        Ok(File::from_file_descriptor_proto(file))
    }
}
