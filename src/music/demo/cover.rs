//! The covers: one picture for each song, drawn from circles, lines and gradients.

use tiny_skia::{
    Color, FillRule, GradientStop, LinearGradient, Paint, Path, PathBuilder, Pixmap, Point, RadialGradient, Rect,
    Shader, SpreadMode, Stroke, Transform,
};

use super::instrument::Noise;

/// The width and height in pixels.
const SIDE: f32 = 640.0;
const MIDDLE: f32 = SIDE / 2.0;

/// Draws the cover of a song as PNG; none when there is no such song.
pub fn draw(title: &str) -> Option<Vec<u8>> {
    let mut canvas = Canvas(Pixmap::new(SIDE as u32, SIDE as u32)?);
    match title {
        "Neon Cantina" => neon(&mut canvas),
        "Slow Orbit" => orbit(&mut canvas),
        "Copper Kettle Swing" => swing(&mut canvas),
        "Night Shift" => night(&mut canvas),
        "Paper Lanterns" => lanterns(&mut canvas),
        "Redline" => redline(&mut canvas),
        _ => return None,
    }?;
    canvas.0.encode_png().ok()
}

/// A sun behind a grid that runs to the horizon.
fn neon(c: &mut Canvas) -> Option<()> {
    c.sky(&[0x12_0a2e, 0x3b_1260, 0xb0_2a86, 0xff_7a59])?;
    c.stars(90, 300.0);
    c.glow(MIDDLE, 330.0, 300.0, 0xff_4fa0, 0.5)?;
    let sun = PathBuilder::from_circle(MIDDLE, 300.0, 170.0)?;
    c.fill(&sun, down(130.0, 470.0, &[0xff_e66b, 0xff_8a3c, 0xff_2f7e])?);
    for i in 0..7 {
        let i = i as f32;
        let (y, height) = (290.0 + i * 25.0, 3.0 + i * 2.2);
        let half = (171.0f32.powi(2) - (y + height / 2.0 - 300.0).powi(2)).max(0.0).sqrt();
        c.rect(MIDDLE - half, y, half * 2.0, height, plain(0x6d_1a70, 1.0))?;
    }
    c.rect(0.0, 420.0, SIDE, 220.0, down(420.0, SIDE, &[0x2a_0b4a, 0x0a_0418])?)?;
    for i in 0..12 {
        let depth = (i as f32 / 11.0).powi(2) * 220.0;
        c.line((0.0, 420.0 + depth), (SIDE, 420.0 + depth), 2.0, 0x35_e4ff, 0.75)?;
    }
    for i in -14..=14 {
        let i = i as f32;
        c.line((MIDDLE + i * 22.0, 420.0), (MIDDLE + i * 130.0, SIDE), 2.0, 0x35_e4ff, 0.55)?;
    }
    Some(())
}

/// Planets on their rings.
fn orbit(c: &mut Canvas) -> Option<()> {
    c.sky(&[0x04_1c24, 0x07_3b40, 0x0d_5a52])?;
    c.stars(160, SIDE);
    c.glow(MIDDLE, MIDDLE, 330.0, 0xf2_b84b, 0.35)?;
    for (i, radius) in [110.0, 165.0, 222.0, 282.0].into_iter().enumerate() {
        c.ring(MIDDLE, MIDDLE, radius, 2.0, 0xe8_dcb5, 0.55)?;
        let turn = [0.9f32, 3.7, 5.3, 2.2][i];
        let (x, y) = (MIDDLE + radius * turn.cos(), MIDDLE + radius * turn.sin());
        let size = [13.0, 22.0, 17.0, 30.0][i];
        c.ball(x, y, size, [0xff_d27a, 0x5f_d1c0, 0xf2_7d52, 0xd8_5a7f][i])?;
    }
    c.ball(MIDDLE, MIDDLE, 62.0, 0xff_c65c)?;
    let (x, y) = (MIDDLE + 282.0 * 2.2f32.cos(), MIDDLE + 282.0 * 2.2f32.sin());
    c.tilted_ring(x, y, 54.0, 0xf6_e7c1)
}

/// Overlapping kettles of colour, as on a jazz record of the fifties.
fn swing(c: &mut Canvas) -> Option<()> {
    c.sky(&[0xf4_e7cd, 0xec_d6ab])?;
    c.rect(0.0, 0.0, 210.0, SIDE, plain(0x1f_4e5a, 1.0))?;
    c.rect(430.0, 430.0, 210.0, 210.0, plain(0xe0_a13b, 1.0))?;
    for (x, y, radius, colour, alpha) in [
        (250.0, 250.0, 185.0, 0xc4_5a2c, 0.95),
        (400.0, 330.0, 150.0, 0x8e_2f1e, 0.78),
        (250.0, 430.0, 120.0, 0xe8_b04a, 0.85),
        (430.0, 160.0, 85.0, 0x1f_4e5a, 0.9),
    ] {
        c.fill(&PathBuilder::from_circle(x, y, radius)?, plain(colour, alpha));
    }
    for i in 0..5 {
        c.ring(250.0, 250.0, 60.0 + i as f32 * 26.0, 3.0, 0xf4_e7cd, 0.8)?;
    }
    for i in 0..5 {
        let y = 520.0 + i as f32 * 16.0;
        c.line((60.0, y), (580.0, y), 3.0, 0x2a_1a14, 0.9)?;
    }
    for (x, y) in [(120.0, 568.0), (205.0, 536.0), (290.0, 552.0), (375.0, 520.0), (470.0, 568.0), (540.0, 536.0)] {
        c.line((x + 13.0, y), (x + 13.0, y - 62.0), 4.0, 0x2a_1a14, 1.0)?;
        c.fill(&PathBuilder::from_circle(x, y, 14.0)?, plain(0x2a_1a14, 1.0));
    }
    Some(())
}

/// A city with the lights of those who work late.
fn night(c: &mut Canvas) -> Option<()> {
    c.sky(&[0x0b_1030, 0x1c_2a66, 0x5a_4a9c, 0xe0_7a8f])?;
    c.stars(120, 330.0);
    c.glow(470.0, 150.0, 150.0, 0xff_f3c8, 0.5)?;
    c.ball(470.0, 150.0, 58.0, 0xff_f0c0)?;
    let mut chance = Noise::new(7);
    for (layer, colour) in [0x3a_3478, 0x24_2258, 0x10_1236].into_iter().enumerate() {
        let mut x = -20.0 - layer as f32 * 17.0;
        while x < SIDE {
            let width = 62.0 + chance.next() * 22.0;
            let top = 290.0 + layer as f32 * 95.0 + chance.next() * 85.0;
            c.rect(x, top, width, SIDE - top, plain(colour, 1.0))?;
            c.windows(x, top, width, &mut chance, 0.35 + layer as f32 * 0.3)?;
            x += width + 5.0;
        }
    }
    Some(())
}

/// Lanterns above a lake at dusk.
fn lanterns(c: &mut Canvas) -> Option<()> {
    c.sky(&[0x1d_1b42, 0x4b_2f6b, 0xa2_4f70, 0xf0_9a6a])?;
    c.stars(70, 260.0);
    for (height, sway, colour) in [(430.0, 46.0, 0x53_3563), (470.0, 34.0, 0x35_2650), (520.0, 24.0, 0x1d_1a3a)] {
        let mut hill = PathBuilder::new();
        hill.move_to(0.0, SIDE);
        for step in 0..=64 {
            let x = step as f32 * 10.0;
            hill.line_to(x, height + sway * (x / 95.0 + height).sin() + sway * 0.4 * (x / 37.0).cos());
        }
        hill.line_to(SIDE, SIDE);
        c.fill(&hill.finish()?, plain(colour, 1.0));
    }
    for (x, y, size) in [
        (150.0, 180.0, 46.0),
        (335.0, 260.0, 66.0),
        (520.0, 150.0, 38.0),
        (470.0, 390.0, 52.0),
        (110.0, 400.0, 34.0),
        (245.0, 90.0, 24.0),
        (580.0, 300.0, 22.0),
    ] {
        c.lantern(x, y, size)?;
    }
    Some(())
}

/// A dial with its needle in the red.
fn redline(c: &mut Canvas) -> Option<()> {
    c.sky(&[0x0a_0a0c, 0x1a_0a0e, 0x3a_0810])?;
    for i in 0..26 {
        let x = i as f32 * 48.0 - 420.0;
        c.line((x, SIDE), (x + 420.0, 0.0), 1.5 + (i % 5) as f32 * 2.0, 0xff_2a3c, 0.05 + (i % 4) as f32 * 0.04)?;
    }
    c.glow(MIDDLE, 350.0, 330.0, 0xff_1e38, 0.4)?;
    c.fill(&PathBuilder::from_circle(MIDDLE, 350.0, 232.0)?, plain(0x0c_0a0d, 0.92));
    for i in 0..=48 {
        let red = i >= 36;
        let (sin, cos) = (2.36 + i as f32 / 48.0 * 4.71f32).sin_cos();
        let inner = if i % 6 == 0 { 168.0 } else { 188.0 };
        let at = |r: f32| (MIDDLE + r * cos, 350.0 + r * sin);
        c.line(at(inner), at(208.0), if i % 6 == 0 { 7.0 } else { 3.0 }, if red { 0xff_2a3c } else { 0xf4_eee8 }, 1.0)?;
    }
    let (sin, cos) = (2.36 + 42.5 / 48.0 * 4.71f32).sin_cos();
    c.line(
        (MIDDLE - 42.0 * cos, 350.0 - 42.0 * sin),
        (MIDDLE + 178.0 * cos, 350.0 + 178.0 * sin),
        9.0,
        0xff_4a38,
        1.0,
    )?;
    c.ball(MIDDLE, 350.0, 30.0, 0xc8_1a2a)?;
    c.ring(MIDDLE, 350.0, 232.0, 5.0, 0xf4_eee8, 0.9)
}

/// A colour as 0xRRGGBB with its opacity.
fn colour(rgb: u32, alpha: f32) -> Color {
    let [_, r, g, b] = rgb.to_be_bytes();
    let mut colour = Color::from_rgba8(r, g, b, 255);
    colour.set_alpha(alpha);
    colour
}

fn plain(rgb: u32, alpha: f32) -> Shader<'static> {
    Shader::SolidColor(colour(rgb, alpha))
}

/// A gradient downwards through colours at equal distances.
fn down(from: f32, to: f32, colours: &[u32]) -> Option<Shader<'static>> {
    let last = (colours.len() - 1) as f32;
    let stops =
        colours.iter().enumerate().map(|(i, rgb)| GradientStop::new(i as f32 / last, colour(*rgb, 1.0))).collect();
    let (start, end) = (Point::from_xy(0.0, from), Point::from_xy(0.0, to));
    LinearGradient::new(start, end, stops, SpreadMode::Pad, Transform::identity())
}

struct Canvas(Pixmap);

impl Canvas {
    fn fill(&mut self, path: &Path, shader: Shader<'_>) {
        let paint = Paint { shader, anti_alias: true, ..Paint::default() };
        self.0.fill_path(path, &paint, FillRule::Winding, Transform::identity(), None);
    }

    fn stroke(&mut self, path: &Path, width: f32, rgb: u32, alpha: f32, turn: Transform) {
        let paint = Paint { shader: plain(rgb, alpha), anti_alias: true, ..Paint::default() };
        self.0.stroke_path(path, &paint, &Stroke { width, ..Stroke::default() }, turn, None);
    }

    fn sky(&mut self, colours: &[u32]) -> Option<()> {
        self.rect(0.0, 0.0, SIDE, SIDE, down(0.0, SIDE, colours)?)
    }

    fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, shader: Shader<'_>) -> Option<()> {
        self.fill(&PathBuilder::from_rect(Rect::from_xywh(x, y, width, height)?), shader);
        Some(())
    }

    fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32, rgb: u32, alpha: f32) -> Option<()> {
        let mut path = PathBuilder::new();
        path.move_to(from.0, from.1);
        path.line_to(to.0, to.1);
        self.stroke(&path.finish()?, width, rgb, alpha, Transform::identity());
        Some(())
    }

    fn ring(&mut self, x: f32, y: f32, radius: f32, width: f32, rgb: u32, alpha: f32) -> Option<()> {
        self.stroke(&PathBuilder::from_circle(x, y, radius)?, width, rgb, alpha, Transform::identity());
        Some(())
    }

    fn tilted_ring(&mut self, x: f32, y: f32, radius: f32, rgb: u32) -> Option<()> {
        let flat = PathBuilder::from_oval(Rect::from_xywh(x - radius, y - radius * 0.3, radius * 2.0, radius * 0.6)?)?;
        self.stroke(&flat, 4.0, rgb, 0.9, Transform::from_rotate_at(-24.0, x, y));
        Some(())
    }

    /// A disc that fades to nothing.
    fn glow(&mut self, x: f32, y: f32, radius: f32, rgb: u32, alpha: f32) -> Option<()> {
        let stops = vec![GradientStop::new(0.0, colour(rgb, alpha)), GradientStop::new(1.0, colour(rgb, 0.0))];
        let shader = radial(x, y, x, y, radius, stops)?;
        self.fill(&PathBuilder::from_circle(x, y, radius)?, shader);
        Some(())
    }

    /// A sphere that is lit from the upper left.
    fn ball(&mut self, x: f32, y: f32, radius: f32, rgb: u32) -> Option<()> {
        let [_, r, g, b] = rgb.to_be_bytes();
        let light = Color::from_rgba8(r.saturating_add(50), g.saturating_add(50), b.saturating_add(40), 255);
        let dark = Color::from_rgba8(r / 3, g / 3, b / 3 + 10, 255);
        let stops = vec![
            GradientStop::new(0.0, light),
            GradientStop::new(0.55, colour(rgb, 1.0)),
            GradientStop::new(1.0, dark),
        ];
        let shader = radial(x - radius * 0.3, y - radius * 0.35, x, y, radius * 1.25, stops)?;
        self.fill(&PathBuilder::from_circle(x, y, radius)?, shader);
        Some(())
    }

    fn stars(&mut self, count: u32, lowest: f32) {
        let mut chance = Noise::new(count);
        for _ in 0..count {
            let mut place = || chance.next().mul_add(0.5, 0.5);
            let (x, y, size, alpha) = (place() * SIDE, place() * lowest, 0.6 + place() * 1.2, 0.25 + place() * 0.6);
            if let Some(star) = PathBuilder::from_circle(x, y, size) {
                self.fill(&star, plain(0xff_ffff, alpha));
            }
        }
    }

    fn windows(&mut self, x: f32, top: f32, width: f32, chance: &mut Noise, alpha: f32) -> Option<()> {
        for row in 0..((SIDE - top) / 18.0) as u32 {
            for column in 0..((width - 8.0) / 14.0) as u32 {
                if chance.next() > 0.25 {
                    let (left, high) = (x + 7.0 + column as f32 * 14.0, top + 9.0 + row as f32 * 18.0);
                    let warm = if chance.next() > 0.6 { 0x8f_d8ff } else { 0xff_d98a };
                    self.rect(left, high, 7.0, 9.0, plain(warm, alpha.min(0.95)))?;
                }
            }
        }
        Some(())
    }

    fn lantern(&mut self, x: f32, y: f32, size: f32) -> Option<()> {
        self.glow(x, y, size * 2.4, 0xff_b25a, 0.55)?;
        let body = PathBuilder::from_oval(Rect::from_xywh(x - size * 0.8, y - size, size * 1.6, size * 2.0)?)?;
        let stops = vec![
            GradientStop::new(0.0, colour(0xff_f4c4, 1.0)),
            GradientStop::new(0.6, colour(0xff_b04c, 1.0)),
            GradientStop::new(1.0, colour(0xd8_5a34, 1.0)),
        ];
        self.fill(&body, radial(x, y + size * 0.2, x, y + size * 0.2, size * 1.15, stops)?);
        for i in [-0.5f32, 0.0, 0.5] {
            let rib = Rect::from_xywh(
                x - size * 0.8 * i.abs().max(0.02),
                y - size,
                size * 1.6 * i.abs().max(0.02),
                size * 2.0,
            )?;
            self.stroke(&PathBuilder::from_oval(rib)?, 1.2, 0xa8_3c24, 0.35, Transform::identity());
        }
        self.rect(x - size * 0.32, y - size * 1.1, size * 0.64, size * 0.16, plain(0x5a_1f22, 1.0))?;
        self.rect(x - size * 0.32, y + size * 0.94, size * 0.64, size * 0.16, plain(0x5a_1f22, 1.0))
    }
}

fn radial(fx: f32, fy: f32, x: f32, y: f32, radius: f32, stops: Vec<GradientStop>) -> Option<Shader<'static>> {
    let (focus, center) = (Point::from_xy(fx, fy), Point::from_xy(x, y));
    RadialGradient::new(focus, 0.0, center, radius, stops, SpreadMode::Pad, Transform::identity())
}
