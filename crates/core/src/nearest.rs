//! The nearest known name, for a "did you mean" in messages. Where the names come from is the caller's business.

#[cfg(test)]
mod tests;

/// The candidate that `name` most probably stands for, or nothing where none is near enough.
///
/// Near means an optimal string alignment distance (insert, delete, replace, swap two neighbours) of at most a third
/// of the name's characters, and of one for a name of two; the case of ASCII letters does not count. Of equally near
/// candidates the first wins.
///
/// ```
/// use graphbit_core::nearest;
///
/// assert_eq!(nearest("temprature", ["model", "temperature"]), Some("temperature"));
/// assert_eq!(nearest("colour", ["model", "temperature"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = folded(name);
    let mut limit = (name.len() / 3).max(usize::from(name.len() == 2));
    let mut best = None;
    for candidate in candidates {
        // Every byte beyond four per character is one insertion at least: a cheap bound before the real work.
        if candidate.len() > 4 * (name.len() + limit) {
            continue;
        }
        match distance(&name, &folded(candidate), limit) {
            Some(0) => return Some(candidate),
            Some(found) => {
                best = Some(candidate);
                limit = found - 1;
            }
            None => {}
        }
    }
    best
}

fn folded(text: &str) -> Vec<char> {
    text.chars().map(|c| c.to_ascii_lowercase()).collect()
}

/// The optimal string alignment distance, if it is at most `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut previous_a = None;
    for (row, &in_a) in a.iter().enumerate() {
        let mut current = Vec::with_capacity(above.len());
        let mut left = row + 1;
        current.push(left);
        let mut previous_b = None;
        for (column, &in_b) in b.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut cost = (at(&above, column) + usize::from(in_a != in_b))
                .min(at(&above, column + 1) + 1)
                .min(left + 1);
            if column > 0 && previous_a == Some(in_b) && previous_b == Some(in_a) {
                cost = cost.min(at(&before, column - 1) + 1);
            }
            current.push(cost);
            left = cost;
            previous_b = Some(in_b);
        }
        if current.iter().all(|&cost| cost > limit) {
            return None;
        }
        before = std::mem::replace(&mut above, current);
        previous_a = Some(in_a);
    }
    above.last().copied().filter(|&cost| cost <= limit)
}
