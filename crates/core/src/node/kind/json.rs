//! The JSON form of a kind: a name alone, or a name with settings.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::NodeKind;
use crate::node::Join;

const KIND: &str = "NodeKind";

impl Serialize for NodeKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = self.name();
        let number = Self::NAMES.iter().position(|known| *known == name).unwrap_or_default() as u32;
        match self {
            Self::Transform => serializer.serialize_unit_variant(KIND, number, name),
            Self::Join(join) if *join == Join::default() => {
                serializer.serialize_unit_variant(KIND, number, name)
            }
            Self::Agent(agent) => serializer.serialize_newtype_variant(KIND, number, name, agent),
            Self::Condition(choice) => serializer.serialize_newtype_variant(KIND, number, name, choice),
            Self::Tool(tool) => serializer.serialize_newtype_variant(KIND, number, name, tool),
            Self::Map(map) => serializer.serialize_newtype_variant(KIND, number, name, map),
            Self::Join(join) => serializer.serialize_newtype_variant(KIND, number, name, join),
            Self::Delay(delay) => serializer.serialize_newtype_variant(KIND, number, name, delay),
            Self::Subgraph(subgraph) => serializer.serialize_newtype_variant(KIND, number, name, subgraph),
            Self::Pause(pause) => serializer.serialize_newtype_variant(KIND, number, name, pause),
            Self::Loop(r#loop) => serializer.serialize_newtype_variant(KIND, number, name, r#loop),
        }
    }
}

impl<'de> Deserialize<'de> for NodeKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = NodeKind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a kind of node, as in \"join\" or {\"agent\": {…}}")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<NodeKind, E> {
        match name {
            "transform" => Ok(NodeKind::Transform),
            "join" => Ok(NodeKind::Join(Join::default())),
            name if NodeKind::NAMES.contains(&name) => {
                Err(E::custom(format!("the kind \"{name}\" has settings; write {{\"{name}\": {{…}}}}")))
            }
            name => Err(E::unknown_variant(name, &NodeKind::NAMES)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NodeKind, A::Error> {
        let Some(name) = map.next_key::<String>()? else {
            return Err(A::Error::custom("a node's kind is empty; write {\"agent\": {…}}, for example"));
        };
        let kind = match name.as_str() {
            "agent" => NodeKind::Agent(map.next_value()?),
            "transform" => {
                let () = map.next_value()?;
                NodeKind::Transform
            }
            "condition" => NodeKind::Condition(map.next_value()?),
            "tool" => NodeKind::Tool(map.next_value()?),
            "map" => NodeKind::Map(map.next_value()?),
            "join" => NodeKind::Join(map.next_value::<Option<Join>>()?.unwrap_or_default()),
            "delay" => NodeKind::Delay(map.next_value()?),
            "subgraph" => NodeKind::Subgraph(map.next_value()?),
            "pause" => NodeKind::Pause(map.next_value()?),
            "loop" => NodeKind::Loop(map.next_value()?),
            name => return Err(A::Error::unknown_variant(name, &NodeKind::NAMES)),
        };
        match map.next_key::<String>()? {
            None => Ok(kind),
            Some(second) => {
                Err(A::Error::custom(format!("a node has one kind, not \"{name}\" and \"{second}\"")))
            }
        }
    }
}
