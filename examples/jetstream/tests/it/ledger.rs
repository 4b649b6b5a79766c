//! What was answered beside what took effect.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use sqlx::{Connection, SqliteConnection};

use crate::load::{Answer, Sent};

/// What is in the database.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Ids of the deliveries that took effect, in order.
    pub(crate) ids: Vec<String>,
    /// Ids of the dead letters.
    pub(crate) dead: Vec<String>,
    /// Members who came into each room.
    pub(crate) joined: HashMap<String, i64>,
}

impl Effects {
    pub(crate) fn read(database: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let url = format!("sqlite://{}", database.display());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            let deliveries: Vec<(String, bool)> =
                sqlx::query_as("SELECT id, dead FROM deliveries ORDER BY number")
                    .fetch_all(&mut connection)
                    .await
                    .unwrap();
            let rooms: Vec<(String, i64)> =
                sqlx::query_as("SELECT room, joined FROM rooms").fetch_all(&mut connection).await.unwrap();
            let (dead, ids): (Vec<_>, Vec<_>) = deliveries.into_iter().partition(|(_, dead)| *dead);
            let ids_of = |rows: Vec<(String, bool)>| rows.into_iter().map(|(id, _)| id).collect();
            Self { ids: ids_of(ids), dead: ids_of(dead), joined: rooms.into_iter().collect() }
        })
    }
}

/// How many deliveries there were of each kind.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) accepted: usize,
    pub(crate) refused: usize,
    pub(crate) late: usize,
    pub(crate) unanswered: usize,
    pub(crate) unreachable: usize,
}

/// Demands that what was answered with OK has taken effect once, that what was refused has not, and that each room's
/// events took effect in the order in which they were accepted. Prints and returns the counts.
#[track_caller]
pub(crate) fn assert_kept(scenario: &str, sent: &[Sent], effects: &Effects) -> Counts {
    let place: HashMap<&str, usize> =
        effects.ids.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
    assert_eq!(place.len(), effects.ids.len());
    let of = |answer: Answer| sent.iter().filter(move |sent| sent.answer == answer);
    let effective = |answer: Answer| of(answer).filter(|sent| place.contains_key(sent.id.as_str())).count();

    let counts = Counts {
        accepted: of(Answer::Ok).count(),
        refused: of(Answer::Refused).count(),
        late: of(Answer::Late).count(),
        unanswered: of(Answer::None).count(),
        unreachable: of(Answer::Unreachable).count(),
    };
    let repeated = sent.iter().filter(|sent| sent.repeated).count();
    println!(
        "{scenario}: {} deliveries, {repeated} of them sent twice\n\
         \x20 {} answered with OK, {} of these took effect\n\
         \x20 {} refused, {} took effect; {} unreachable, {} took effect\n\
         \x20 {} not known in time, {} took effect; {} without an answer, {} took effect",
        sent.len(),
        counts.accepted,
        effective(Answer::Ok),
        counts.refused,
        effective(Answer::Refused),
        counts.unreachable,
        effective(Answer::Unreachable),
        counts.late,
        effective(Answer::Late),
        counts.unanswered,
        effective(Answer::None),
    );

    // Nothing that was accepted is lost, and nothing that was refused has happened.
    assert_eq!(effective(Answer::Ok), counts.accepted, "lost: {:?}", missing(sent, &place));
    assert_eq!(effective(Answer::Refused) + effective(Answer::Unreachable), 0);
    let known: HashSet<&str> = sent.iter().map(|sent| sent.id.as_str()).collect();
    assert!(effects.ids.iter().all(|id| known.contains(id.as_str())), "more than was sent");

    // Once: the statistics have counted each effect, and nothing else.
    let mut expected: HashMap<&str, i64> = HashMap::new();
    for sent in sent.iter().filter(|sent| place.contains_key(sent.id.as_str())) {
        *expected.entry(&sent.room).or_default() += 1;
    }
    for (room, joined) in &expected {
        assert_eq!(effects.joined.get(*room), Some(joined), "{room}");
    }
    assert_eq!(expected.values().sum::<i64>(), effects.joined.values().sum::<i64>());

    // In order. One that was accepted only when it was repeated may have been stored at its first try, before others.
    let mut last: HashMap<&str, usize> = HashMap::new();
    for sent in of(Answer::Ok).filter(|sent| sent.first == Answer::Ok) {
        let place = place[sent.id.as_str()];
        let before = last.insert(&sent.room, place);
        assert!(before.is_none_or(|before| before < place), "{} is out of order", sent.room);
    }
    println!("  {} rooms, each in order", last.len());
    counts
}

fn missing<'a>(sent: &'a [Sent], place: &HashMap<&str, usize>) -> Vec<&'a Sent> {
    let accepted = sent.iter().filter(|sent| sent.answer == Answer::Ok);
    accepted.filter(|sent| !place.contains_key(sent.id.as_str())).take(3).collect()
}
