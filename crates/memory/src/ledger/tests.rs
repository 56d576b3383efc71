use super::{Category, Ledger};

#[test]
fn a_charge_is_held_until_it_is_dropped() {
    let ledger = Ledger::new();
    let prompt = ledger.charge(Category::Prompt, 100);
    let trace = ledger.charge(Category::Trace, 20);
    assert_eq!(
        (ledger.by_category().prompt, ledger.by_category().trace, ledger.total_bytes()),
        (100, 20, 120)
    );
    drop(prompt);
    assert_eq!((ledger.by_category().prompt, ledger.total_bytes()), (0, 20));
    drop(trace);
    assert_eq!(ledger.by_category(), super::Holdings::default());
}

#[test]
fn a_charge_follows_the_size_of_its_data() {
    let ledger = Ledger::new();
    let mut buffer = ledger.charge(Category::Buffer, 100);
    buffer.resize(300);
    assert_eq!((buffer.bytes(), ledger.by_category().buffer), (300, 300));
    buffer.resize(5);
    assert_eq!(ledger.by_category().buffer, 5);
}

#[test]
fn a_charge_moves_between_ledgers_and_categories() {
    let process = Ledger::new();
    let (run, conversation) = (process.child(), process.child());
    let mut charge = run.charge(Category::Response, 70);
    charge.move_to(&conversation, Category::History);
    assert_eq!((run.total_bytes(), conversation.by_category().history), (0, 70));
    assert_eq!((process.by_category().response, process.by_category().history), (0, 70));
    assert_eq!((charge.category(), charge.bytes()), (Category::History, 70));
    drop(charge);
    assert_eq!(process.total_bytes(), 0);
}

#[test]
fn categories_have_camel_case_names() {
    let ledger = Ledger::new();
    let _state = ledger.charge(Category::State, 3);
    let json = serde_json::to_value(ledger.by_category()).unwrap();
    assert_eq!(json["state"], 3);
    for category in Category::ALL {
        let name = serde_json::to_value(category).unwrap();
        assert!(json[name.as_str().unwrap()].is_u64(), "{name}");
    }
}
