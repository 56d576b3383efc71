use serde_json::json;

use super::*;

#[test]
fn wholes_include_their_parts_and_the_vendors_numbers_stay_known() {
    let usage = Usage::new(Some(10), Some(5)).also_read(Some(3)).also_read(Some(4)).also_written(Some(2));
    assert_eq!((usage.input, usage.output), (Some(17), Some(7)));
    assert_eq!((usage.vendor_input(), usage.vendor_output()), (Some(10), Some(5)));
    let as_counted = Usage::new(Some(10), None);
    assert_eq!((as_counted.vendor_input(), as_counted.vendor_output()), (Some(10), None));
    assert_eq!(Usage::new(None, None).also_written(Some(2)).output, Some(2), "a zero is left out by some");
    assert_eq!(Usage::new(None, None).also_read(Some(0)).also_read(None).input, None);
}

#[test]
fn several_calls_are_counted_together_also_in_the_vendors_numbers() {
    let mut usage = Usage::new(Some(10), Some(5));
    usage.add(&Usage::new(Some(20), Some(6)).also_read(Some(4)));
    assert_eq!((usage.input, usage.vendor_input()), (Some(34), Some(30)));
    assert_eq!((usage.output, usage.vendor_output()), (Some(11), Some(11)));
}

#[test]
fn what_is_stored_is_the_one_vocabulary() {
    let usage = Usage::new(Some(1), Some(2)).also_read(Some(3));
    let stored = json!(usage);
    let wanted =
        json!({"input": 4, "output": 2, "cached": null, "cacheWrite": null, "reasoning": null, "raw": null});
    assert_eq!(stored, wanted);
    let read: Usage = serde_json::from_value(stored).unwrap();
    assert_eq!((read.input, read.vendor_input()), (Some(4), Some(4)));
}
