//! Resume and page tokens: opaque to clients, a place in the log to us.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::Filter;
use crate::{
    error::{Explain, Failure},
    pb::cantina::error::v1::ErrorReason,
};

/// A place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The first half of the epoch, as a number.
    pub epoch: u64,
    /// The last sequence that was read.
    pub cursor: u64,
    /// The fingerprint of the filter.
    pub filter: u64,
    /// Whether a snapshot was promised and not yet sent to its end.
    pub owed: bool,
}

/// A token that this daemon did not make.
#[derive(Debug, thiserror::Error)]
pub enum BadToken {
    /// In a Watch.
    #[error("the resume token is not one of this service's tokens")]
    Resume,
    /// In a list.
    #[error("the page token does not belong to this request")]
    Page,
}

impl Explain for BadToken {
    fn failure(&self) -> Failure {
        match self {
            Self::Resume => {
                Failure::new(ErrorReason::ResumeTokenInvalid, self).field("resume_token", "token", self.to_string())
            }
            Self::Page => {
                Failure::new(ErrorReason::PageTokenInvalid, self).field("page_token", "token", self.to_string())
            }
        }
    }
}

impl Token {
    pub fn new(epoch: &str, cursor: u64, filter: &Filter) -> Self {
        Self { epoch: epoch_number(epoch), cursor, filter: filter.fingerprint(), owed: false }
    }

    /// The text of the token.
    pub fn encode(self) -> String {
        let mut bytes = [0_u8; 26];
        bytes[..8].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.cursor.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.filter.to_le_bytes());
        bytes[24] = u8::from(self.owed);
        bytes[25] = bytes[..25].iter().fold(0x5a, |sum, byte| sum.rotate_left(1) ^ byte);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The token of a text; `None` for any other text.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes: [u8; 26] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        let token = Self { epoch: number(0), cursor: number(8), filter: number(16), owed: bytes[24] == 1 };
        (token.encode() == text).then_some(token)
    }
}

/// The epoch as the tokens carry it.
fn epoch_number(epoch: &str) -> u64 {
    u64::from_le_bytes(blake3::hash(epoch.as_bytes()).as_bytes()[..8].try_into().expect("a hash has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_is_read_back_and_no_other_text_is_a_token(
            epoch: u64, cursor: u64, filter: u64, owed: bool, text in ".{0,60}", at in 0..35_usize,
        ) {
            let token = Token { epoch, cursor, filter, owed };
            let encoded = token.encode();
            prop_assert_eq!(Token::decode(&encoded), Some(token));
            prop_assert_eq!(Token::decode(&text), None);
            let mut changed = encoded.into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed)?;
            prop_assert!(Token::decode(&changed) != Some(token), "{}", changed);
        }
    }
}
