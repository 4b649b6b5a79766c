//! Emoji codes of the kits, such as `[TUIEmoji_Smile]`.

const OPEN: &str = "[TUIEmoji_";

/// Names of the kits' emoji, in order. Any other could be a word that is to be found.
#[rustfmt::skip]
const NAMES: [&str; 62] = [
    "666", "857", "Ai", "Amazed", "Askance", "BareTeeth", "Beer", "Bless", "Blink", "Bombs", "Cake", "Celebrate",
    "Cheerful", "Coffee", "Complacent", "Convinced", "Cow", "Daemon", "Expect", "Fear", "FlareUp", "Flower", "Fool",
    "Fortune", "Giggle", "Guffaw", "Haha", "Heart", "Hehe", "KindSmile", "Kiss", "Knife", "Like", "Lustful", "Mask",
    "Monster", "Moon", "Ok", "Pig", "Prohibit", "Rage", "RedPacket", "Rich", "Shit", "ShutUp", "Sigh", "Silent",
    "Silly", "Skull", "Smile", "Sorrow", "Speechless", "Star", "Stareyes", "Sun", "Surprised", "Tact", "TearsLaugh",
    "Trapped", "Wail", "Watermelon", "Yawn",
];

/// Most bytes of a name.
const MAX_NAME: usize = 12;

/// Returns the code that the text begins with.
pub(crate) fn code(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(OPEN)?;
    let length = rest.bytes().take(MAX_NAME + 1).position(|byte| byte == b']')?;
    NAMES.binary_search(&rest.get(..length)?).ok()?;
    text.get(..OPEN.len() + length + 1)
}

#[cfg(test)]
mod tests {
    use super::{NAMES, code};

    #[test]
    fn a_code_is_a_name_in_brackets() {
        assert!(NAMES.is_sorted());
        for name in NAMES {
            let code_of_it = format!("[TUIEmoji_{name}]");
            assert_eq!(code(&format!("{code_of_it} hi")), Some(&*code_of_it));
        }
        for other in [
            "",
            "[",
            "[Smile]",
            "[TUIEmoji_]",
            "[TUIEmoji_Smile",
            "[TUIEmoji_smile]",
            "[TUIEmoji_Casino]",
            "x[TUIEmoji_Smile]",
        ] {
            assert_eq!(code(other), None, "{other}");
        }
    }
}
