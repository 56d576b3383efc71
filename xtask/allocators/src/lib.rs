//! The native library of the npm package on another allocator: what `bindings/node` links, with the choice left open.

#[cfg(feature = "library")]
mod allocator;

#[cfg(feature = "library")]
const _: () = graphbit_node::link();
