//! Who holds which role.

use std::net::IpAddr;

use crate::{
    error::Failure,
    pb::{
        cantina::{error::v1::ErrorReason, options::v1::Role},
        registry::MethodInfo,
    },
};

/// Gives roles to callers: the device itself holds every role, and so does everybody once the
/// settings accept that the address is unprotected.
#[derive(Clone, Copy, Debug)]
pub struct Roles {
    unprotected: bool,
}

impl Roles {
    /// Roles for an address that is protected by being on the loopback interface, or not at all.
    #[must_use]
    pub fn new(unprotected: bool) -> Self {
        Self { unprotected }
    }

    /// The role of a caller.
    #[must_use]
    pub fn role(&self, client: IpAddr) -> Role {
        if self.unprotected || client.to_canonical().is_loopback() { Role::Admin } else { Role::Public }
    }

    /// Checks that a caller may call a method.
    pub(super) fn admit(&self, method: &MethodInfo, client: IpAddr) -> Result<(), Failure> {
        let (held, needed) = (self.role(client), method.role);
        if held as i32 >= needed {
            return Ok(());
        }
        let needed = Role::try_from(needed).unwrap_or(Role::Admin).as_str_name();
        let message = format!("{} needs the role {needed}, and {client} holds {}", method.name, held.as_str_name());
        Err(Failure::new(ErrorReason::RoleInsufficient, message).fact("role", needed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::registry::METHODS;

    const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

    #[test]
    fn a_stranger_may_call_only_public_methods() {
        let roles = Roles::new(false);
        for method in METHODS {
            let admitted = roles.admit(method, STRANGER).is_ok();
            assert_eq!(admitted, method.role == Role::Public as i32, "{}", method.name);
        }
    }

    #[test]
    fn the_device_itself_and_everybody_when_unprotected_may_call_everything() {
        let mapped = "::ffff:127.0.0.1".parse().expect("an address");
        assert!(METHODS.iter().all(|method| Roles::new(false).admit(method, mapped).is_ok()));
        assert!(METHODS.iter().all(|method| Roles::new(true).admit(method, STRANGER).is_ok()));
    }
}
