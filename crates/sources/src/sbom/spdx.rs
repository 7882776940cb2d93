//! Not merged yet.
use crate::json::Json;
use domain::fact::Reading;
use domain::problem::Problem;
/// x
pub fn read_json(_: &Json<'_>) -> Reading {
    Reading::default()
}
/// x
pub fn read_three(_: &Json<'_>) -> Reading {
    Reading::default()
}
/// x
pub fn read_tag_value(_: &str) -> Reading {
    Reading::default()
}
/// x
pub fn check_json(_: &Json<'_>) -> Vec<Problem> {
    vec![]
}
/// x
pub fn check_three(_: &Json<'_>) -> Vec<Problem> {
    vec![]
}
/// x
pub fn check_tag_value(_: &str) -> Vec<Problem> {
    vec![]
}
