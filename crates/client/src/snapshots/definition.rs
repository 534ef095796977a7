//! The macro that declares a snapshot type, and the definition that it keeps of the type.

/// The form of a snapshot in JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An object of an exported class, for `instanceof`.
    Class,
    /// A plain object, whose type is an interface.
    Object,
}

/// A field of a snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name in Rust. The name in JavaScript is the same in camel case.
    pub name: &'static str,
    /// The name in the body, if it differs from the name in JavaScript.
    pub body_name: Option<&'static str>,
    /// The type, as it is written in Rust.
    pub rust_type: &'static str,
    /// The empty value, `{}` or `[]`, of a field that a body leaves out if it is empty.
    pub default: Option<&'static str>,
    /// The lines of the documentation.
    pub docs: &'static [&'static str],
}

/// The declaration of a snapshot type, from which its JavaScript class and its typings are generated.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The name of the type, in Rust and in JavaScript.
    pub name: &'static str,
    /// The form in JavaScript.
    pub form: Form,
    /// The lines of the documentation.
    pub docs: &'static [&'static str],
    /// The fields, in the order of the properties.
    pub fields: &'static [Field],
}

/// A type of snapshots.
pub trait Snapshot: serde::Serialize + serde::de::DeserializeOwned {
    /// The declaration of the type.
    const DEFINITION: Definition;
}

/// Declares a snapshot type: a struct with serde's traits and its [`Definition`].
///
/// `name: Type` is a field of the body, which is null if it is absent and the type is an `Option`. A field
/// whose type is a snapshot, or an `Option` of one, is a part: the body has its id. `name: Type = {}` or
/// `= []` is the value of a field that is absent in the body. `name("other"): Type` has another name in the
/// body.
macro_rules! snapshot {
    (
        $(#[doc = $docs:literal])*
        pub struct $name:ident as $form:ident {
            $(
                $(#[doc = $field_docs:literal])*
                $field:ident $(($body_name:literal))?: $type:ty $(= $default:tt)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $docs])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $(
                $(#[doc = $field_docs])*
                $(#[serde(alias = $body_name)])?
                $(
                    #[doc = concat!("\n\nAbsent in the body: `", stringify!($default), "`.")]
                    #[serde(default)]
                )?
                pub $field: $type,
            )*
        }

        impl $crate::snapshots::Snapshot for $name {
            const DEFINITION: $crate::snapshots::Definition = $crate::snapshots::Definition {
                name: stringify!($name),
                form: $crate::snapshots::Form::$form,
                docs: &[$($docs),*],
                fields: &[$(
                    $crate::snapshots::Field {
                        name: stringify!($field),
                        body_name: { let [first, ..] = [$(Some($body_name),)? None]; first },
                        rust_type: stringify!($type),
                        default: { let [first, ..] = [$(Some(stringify!($default)),)? None]; first },
                        docs: &[$($field_docs),*],
                    }
                ),*],
            };
        }
    };
}
pub(super) use snapshot;
