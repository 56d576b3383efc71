use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use super::*;

struct Pile(AtomicUsize);

impl Spare for Pile {
    fn give_up_half(&self) {
        self.0.store(self.0.load(Ordering::Relaxed) / 2, Ordering::Relaxed);
    }

    fn give_up_unused(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn everything_that_still_lives_is_halved_and_what_is_gone_is_forgotten() {
    let weak = |pile: &Arc<Pile>| -> Weak<dyn Spare> { Arc::<Pile>::downgrade(pile) };
    let kept = Arc::new(Pile(AtomicUsize::new(9)));
    can_spare(weak(&kept));
    for _ in 0..1000 {
        can_spare(weak(&Arc::new(Pile(AtomicUsize::new(1)))));
    }
    assert!(spares().len() < 100, "{}", spares().len());
    assert_eq!(give_up_half(), 1);
    assert_eq!(kept.0.load(Ordering::Relaxed), 4);
    give_up_unused();
    assert_eq!(kept.0.load(Ordering::Relaxed), 3);
    drop(kept);
    assert_eq!(give_up_half(), 0);
}
