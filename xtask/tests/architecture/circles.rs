//! Finds circles: groups of modules of which each uses, directly or through others, every other one.

use std::collections::{BTreeMap, BTreeSet};

/// The circles of a graph, each sorted, the largest first. Tarjan's algorithm.
pub(crate) fn circles<N: Ord + Clone>(graph: &BTreeMap<N, BTreeSet<N>>) -> Vec<Vec<N>> {
    let mut search =
        Search { graph, index: BTreeMap::new(), low: BTreeMap::new(), stack: Vec::new(), found: Vec::new() };
    for node in graph.keys() {
        if !search.index.contains_key(node) {
            search.visit(node);
        }
    }
    search.found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    search.found
}

struct Search<'a, N> {
    graph: &'a BTreeMap<N, BTreeSet<N>>,
    index: BTreeMap<N, usize>,
    low: BTreeMap<N, usize>,
    stack: Vec<N>,
    found: Vec<Vec<N>>,
}

impl<N: Ord + Clone> Search<'_, N> {
    fn visit(&mut self, node: &N) {
        let index = self.index.len();
        self.index.insert(node.clone(), index);
        self.low.insert(node.clone(), index);
        self.stack.push(node.clone());
        for next in self.graph.get(node).into_iter().flatten() {
            let reached = if !self.index.contains_key(next) {
                self.visit(next);
                self.low[next]
            } else if self.stack.contains(next) {
                self.index[next]
            } else {
                continue;
            };
            if reached < self.low[node] {
                self.low.insert(node.clone(), reached);
            }
        }
        if self.low[node] == index {
            let start = self.stack.iter().position(|other| other == node).unwrap_or_default();
            let mut circle = self.stack.split_off(start);
            if circle.len() > 1 {
                circle.sort();
                self.found.push(circle);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&'static str, &[&'static str])]) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        edges.iter().map(|(from, to)| (*from, to.iter().copied().collect())).collect()
    }

    #[test]
    fn a_graph_that_points_one_way_has_no_circle() {
        assert!(circles(&graph(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])])).is_empty());
    }

    #[test]
    fn every_circle_is_found_with_all_of_its_modules() {
        let found = circles(&graph(&[
            ("a", &["b"]),
            ("b", &["c"]),
            ("c", &["a", "d"]),
            ("d", &["e"]),
            ("e", &["d"]),
        ]));
        assert_eq!(found, [vec!["a", "b", "c"], vec!["d", "e"]]);
    }
}
