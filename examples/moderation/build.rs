//! Tells cargo that the program holds the migrations.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
