//! A choice between branches. Its output says which one; edges test it with [`When::Matches`](crate::When::Matches).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Predicate;

/// How a condition node chooses. What it looks at is the node's input.
///
/// ```
/// use graphbit_core::{Branch, Condition, Graph, Node, Operator, Predicate, When};
/// use serde_json::json;
///
/// let mut graph = Graph::new("support");
/// graph.add(Node::new("Triage", Condition::Branches(vec![
///     Branch::new("urgent", Predicate::at("priority", Operator::GreaterOrEqual(json!(8)))?),
///     Branch::new("spam", Predicate::at("from", Operator::Contains(json!("@spam.example")))?),
/// ])))?;
/// for name in ["Call", "Drop", "Queue"] {
///     graph.add(Node::transform(name))?;
/// }
/// graph.connect_when("triage", "call", When::equals("urgent"))?;
/// graph.connect_when("triage", "drop", When::equals("spam"))?;
/// graph.connect_when("triage", "queue", When::Otherwise)?;
/// assert_eq!(graph.validate(), []);
/// # Ok::<(), graphbit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Condition {
    /// Gives true or false.
    Predicate(Predicate),
    /// Gives the name of the first branch whose predicate holds, and `"otherwise"` where none does.
    Branches(Vec<Branch>),
    /// A function of the program's gives the name of a branch, or true or false. The executor binds it by the node's id.
    Function,
    /// A model picks the name of a branch.
    Model(ModelChoice),
}

/// What a condition with [`Branches`](Condition::Branches) gives where none of them is chosen.
pub const OTHERWISE: &str = "otherwise";

/// A branch with its test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Branch {
    /// The condition's output when it is chosen.
    pub name: String,
    /// When it is chosen.
    pub when: Predicate,
}

/// A choice that a model makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ModelChoice {
    /// What the model is asked, a [`Template`](crate::Template).
    pub prompt: Arc<str>,
    /// What it can choose.
    pub branches: Vec<Choice>,
}

/// A branch that a model can choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Choice {
    /// The condition's output when it is chosen.
    pub name: String,
    /// What speaks for it, for the model to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Condition {
    /// A choice that a model makes between names. The prompt is a [`Template`](crate::Template).
    pub fn model(prompt: impl Into<Arc<str>>, branches: impl IntoIterator<Item = Choice>) -> Self {
        Self::Model(ModelChoice { prompt: prompt.into(), branches: branches.into_iter().collect() })
    }

    /// The names of the branches that it declares, in their order; none where it names none.
    pub fn branch_names(&self) -> Vec<&str> {
        match self {
            Self::Branches(branches) => branches.iter().map(|branch| branch.name.as_str()).collect(),
            Self::Model(choice) => choice.branches.iter().map(|branch| branch.name.as_str()).collect(),
            Self::Predicate(_) | Self::Function => Vec::new(),
        }
    }
}

impl Branch {
    /// A branch that is chosen when a predicate holds.
    pub fn new(name: impl Into<String>, when: Predicate) -> Self {
        Self { name: name.into(), when }
    }
}

impl Choice {
    /// A branch that explains itself by its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), description: None }
    }

    /// Says what speaks for it.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}
