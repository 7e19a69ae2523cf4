//! The CVSS calculator.

use super::canvas::Canvas;
use crate::app::score::Calculator;
use crate::config::Role;

/// Draws the metrics and what they come to. Returns the rows.
pub fn render(calculator: &Calculator, canvas: &mut Canvas<'_>) -> u16 {
    let vector = calculator.vector();
    let x = canvas.say(
        1,
        0,
        &format!("CVSS {} score", vector.version()),
        Role::Accent,
    );
    canvas.say(x + 2, 0, &vector.scores().to_string(), Role::Prompt);
    for (at, metric) in calculator.metrics().iter().enumerate() {
        let y = at as u16 + 2;
        let is_here = at == calculator.cursor;
        let role = if is_here { Role::Prompt } else { Role::Quiet };
        canvas.say(1, y, &format!("{:<3} {}", metric.sign, metric.name), role);
        let mut x = 40.min(canvas.width() / 2);
        for (nth, (_, word)) in metric.values.iter().enumerate() {
            let is_chosen = nth == calculator.value(at);
            let (text, role) = if is_chosen {
                (format!("[{word}]"), Role::Text)
            } else {
                (format!(" {word} "), Role::Quiet)
            };
            x = canvas.say(x, y, &text, role) + 1;
        }
    }
    let y = canvas.height().saturating_sub(1);
    canvas.say(1, y, vector.text(), Role::Text);
    canvas.height()
}
