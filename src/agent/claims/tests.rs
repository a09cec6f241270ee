use errand_core::change::Verb;
use rstest::rstest;

use super::*;

#[rstest]
// First person
#[case("I've added \"Buy milk\" to your list.", Kind::Created)]
#[case("I have created a task called **Buy milk**.", Kind::Created)]
#[case("Done, I created the task.", Kind::Created)]
#[case("Done! I've set a reminder for tomorrow at 9.", Kind::Something)]
#[case("Sure! I just scheduled the dentist for Monday.", Kind::Created)]
#[case("I’ve scheduled the dentist on Friday at 10:00.", Kind::Created)]
#[case("I went ahead and deleted those two tasks.", Kind::Deleted)]
#[case("No problem, I've removed it.", Kind::Deleted)]
#[case("I've marked 'Don't forget the eggs' as completed.", Kind::Changed)]
#[case("I moved the meeting to Tuesday.", Kind::Changed)]
#[case("I've changed the priority to urgent.", Kind::Changed)]
#[case("I have now checked it off.", Kind::Changed)]
#[case("I've undone the last change.", Kind::Undone)]
#[case("I restored both tasks.", Kind::Undone)]
#[case("I couldn't find eggs, but I added milk.", Kind::Created)]
#[case("I've put milk on your list, with no due date.", Kind::Created)]
#[case("I've made those changes.", Kind::Changed)]
#[case("I've taken care of it.", Kind::Something)]
// Passive
#[case("Your task was updated.", Kind::Changed)]
#[case("The task \"Call mom\" has been deleted.", Kind::Deleted)]
#[case("The task has been successfully created with ID t_5!", Kind::Created)]
#[case("Both tasks have been marked as done.", Kind::Changed)]
#[case("The reminder was set for 9 am.", Kind::Created)]
#[case("It is now marked as urgent.", Kind::Changed)]
#[case("- **Buy milk** has been added", Kind::Created)]
#[case("Milk is now on your list.", Kind::Something)]
// Short
#[case("Done.", Kind::Something)]
#[case("✅ Done!", Kind::Something)]
#[case("All set!", Kind::Something)]
#[case("You're all set for tomorrow. Done!", Kind::Something)]
#[case("Okay, done.", Kind::Something)]
#[case("**Done:** milk is on the list.", Kind::Something)]
#[case("Added: Buy milk.", Kind::Created)]
#[case("Added \"milk\" for tomorrow.", Kind::Created)]
#[case("Task created!", Kind::Created)]
#[case("Reminder set for tomorrow at 9:00.", Kind::Created)]
#[case("Deleted.", Kind::Deleted)]
#[case("Marked as complete.", Kind::Changed)]
#[case("Updated the due date.", Kind::Changed)]
#[case("Consider it done.", Kind::Something)]
#[case("Got it — reminder set for 9am tomorrow.", Kind::Created)]
#[case("Your reminder is set for tomorrow at 9.", Kind::Created)]
#[case("That's been added to your list.", Kind::Created)]
#[case("That's taken care of!", Kind::Something)]
#[case("Sure thing! I've got that added.", Kind::Created)]
#[case("Successfully created task t_12.", Kind::Created)]
#[case("Task t_5 updated.", Kind::Changed)]
#[case("Two tasks deleted.", Kind::Deleted)]
#[case("All tasks have now been deleted.", Kind::Deleted)]
#[case("The last action has been undone.", Kind::Undone)]
// Promises without a call
#[case("I'll remind you tomorrow at nine.", Kind::Created)]
#[case("Sure, I'll add that to your list.", Kind::Created)]
#[case("I will delete the task now.", Kind::Deleted)]
#[case("I'm creating the task now.", Kind::Created)]
#[case("Let me add that.", Kind::Created)]
// Other languages
#[case("He añadido la tarea «Comprar leche».", Kind::Created)]
#[case("La tarea ha sido eliminada.", Kind::Deleted)]
#[case("¡Listo! La tarea está en tu lista.", Kind::Something)]
#[case("Se ha creado la tarea.", Kind::Created)]
#[case("Te recordaré mañana a las nueve.", Kind::Created)]
#[case("Ich habe die Aufgabe „Milch kaufen“ hinzugefügt.", Kind::Created)]
#[case("Die Aufgabe wurde gelöscht.", Kind::Deleted)]
#[case("Erledigt!", Kind::Something)]
#[case("Ich werde dich morgen um neun daran erinnern.", Kind::Created)]
#[case("J'ai ajouté la tâche « Acheter du lait ».", Kind::Created)]
#[case("La tâche a été supprimée.", Kind::Deleted)]
#[case("C'est fait !", Kind::Something)]
#[case("J'ai créé la tâche.", Kind::Created)]
fn a_claim_without_a_call_is_seen(#[case] answer: &str, #[case] kind: Kind) {
    assert_eq!(check(answer, &[]).map(|claim| claim.kind), Some(kind), "{:?}", sentences(answer));
}

#[rstest]
// Negations
#[case("I couldn't add the task: the title is too long.")]
#[case("Nothing was deleted.")]
#[case("No tasks were changed.")]
#[case("I haven't created anything yet.")]
#[case("I did not delete it.")]
#[case("The task was not updated because it has changed since.")]
#[case("I was unable to delete the task.")]
#[case("I could not find it, so nothing was changed.")]
#[case("None of them have been completed.")]
#[case("I don't think that was created by me.")]
#[case("It hasn't been done, and I won't pretend it has been added.")]
// Questions and offers
#[case("Would you like me to add it?")]
#[case("Should I delete both?")]
#[case("I can add it for you.")]
#[case("I can create, update and delete tasks.")]
#[case("Which one should be deleted?")]
#[case("Do you want it marked as done?")]
#[case("I'll delete it if you confirm.")]
#[case("Once you tell me the time, I'll add it.")]
#[case("Tell me when, and I'll remind you as soon as it is due.")]
#[case("Please say which one and I'll move it.")]
#[case("If I had a title, it would have been created.")]
#[case("Let me know which one you mean.")]
// Facts of lists and earlier turns
#[case("You already completed it yesterday.")]
#[case("I already added that one earlier.")]
#[case("The task was created on Monday.")]
#[case("It was completed on 2026-11-20.")]
#[case("You created 3 tasks last week.")]
#[case("You have 2 open tasks:\n- Buy milk (created on Monday)\n- Call mom, completed")]
#[case("Completed tasks:\n1. Milk\n2. Bread")]
#[case("Completed:\n- Milk")]
#[case("Done (3):\n- Milk")]
#[case("Created: 2026-11-20")]
#[case("| Task | Status |\n|---|---|\n| Added the docs | done |")]
#[case("You have 3 tasks that were completed this week.")]
#[case("This is the task that I created: t_5.")]
#[case("\"I've added the numbers\" is the title of your task.")]
#[case("Your task `Deleted files: restore` is due today.")]
#[case("> I've added it.\n\nThat is what your note says.")]
#[case("```\nI have deleted everything.\n```")]
#[case("The report is completed; the invoice is open.")]
#[case("The report is overdue since Friday.")]
#[case("I've checked your list: nothing is due today.")]
#[case("I looked at your tasks and found two.")]
#[case("There are 3 tasks due today, all set to high priority.")]
#[case("To add a task, tell me its title.")]
#[case("Adding tasks works like this: say \"remind me to call mom\".")]
#[case("Nothing is done yet.")]
#[case("He was added to the group? I can't know that.")]
#[case("Hello! How can I help you with your tasks?")]
#[case("The weather is not something I can tell you.")]
#[case("Deleted tasks can be restored with undo.")]
#[case("Added tasks show up on your board.")]
#[case("Scheduled for today:\n- Milk")]
#[case("I was created to help you with your tasks.")]
#[case("3 tasks are due; 2 have been completed.")]
#[case("It was marked urgent by you.")]
#[case("I think the meeting was moved, but your task still says 9:00.")]
#[case("Your most recently added task is Buy milk.")]
#[case("You can say \"undo\" to have it restored.")]
// Other languages
#[case("No he añadido nada.")]
#[case("No se ha eliminado ninguna tarea.")]
#[case("¿Quieres que la añada?")]
#[case("Ich habe nichts gelöscht.")]
#[case("Es wurde keine Aufgabe geändert.")]
#[case("Soll ich sie löschen?")]
#[case("Je n'ai rien ajouté.")]
#[case("Rien n'a été supprimé.")]
#[case("Voulez-vous que je l'ajoute ?")]
#[case("Tienes dos tareas para hoy.")]
#[case("Du hast heute zwei Aufgaben.")]
#[case("Vous avez deux tâches aujourd'hui.")]
fn what_is_no_claim_is_let_pass(#[case] answer: &str) {
    assert_eq!(check(answer, &[]), None, "{:?}", sentences(answer));
}

#[rstest]
#[case("Done! I've added \"Buy milk\".", &[Verb::Created], None)]
#[case("I've added it and marked it as urgent.", &[Verb::Created], None)]
#[case("I've added a due date to it.", &[Verb::Changed], None)]
#[case("I've removed the due date.", &[Verb::Changed], None)]
#[case("I've deleted it.", &[Verb::Deleted], None)]
#[case("I've undone that: the task has been deleted again.", &[Verb::Undone], None)]
#[case("All set!", &[Verb::Deleted], None)]
#[case("I'll remind you tomorrow.", &[Verb::Created], None)]
#[case("I've added milk and deleted eggs.", &[Verb::Created], None)] // Only the first verb of a clause is read.
#[case("I've added milk. I've deleted eggs.", &[Verb::Created], Some(Kind::Deleted))]
#[case("I've added milk. I also completed eggs.", &[Verb::Created], Some(Kind::Changed))]
#[case("I've deleted it.", &[Verb::Changed], Some(Kind::Deleted))]
#[case("I've created it.", &[Verb::Deleted], Some(Kind::Created))]
fn a_claim_needs_a_change_of_its_kind(#[case] answer: &str, #[case] done: &[Verb], #[case] kind: Option<Kind>) {
    assert_eq!(check(answer, done).map(|claim| claim.kind), kind);
}

#[test]
fn the_correction_is_true_and_in_the_answers_language() {
    let correct = |answer: &str, done: &[Verb]| check(answer, done).unwrap().correct(answer, done);
    assert_eq!(
        correct("Task created!", &[]),
        "**Nothing was changed:** no task was created just now.\n\nTask created!"
    );
    assert!(
        correct("I've deleted it.", &[Verb::Created])
            .starts_with("**Not everything was done:** no task was deleted just now.\n\n")
    );
    assert!(correct("Die Aufgabe wurde gelöscht.", &[]).starts_with("**Es wurde nichts geändert:**"));
    assert!(correct("He añadido la tarea.", &[]).starts_with("**No se ha cambiado nada:**"));
    assert!(correct("La tâche a été supprimée.", &[]).starts_with("**Rien n'a été modifié :**"));
    assert_eq!(check("Task created!", &[]).unwrap().told(), "that a task was created");
}

#[test]
fn huge_answers_are_read_in_time() {
    let begun = std::time::Instant::now();
    assert_eq!(check(&"you have tasks, ".repeat(20_000), &[]), None);
    assert_eq!(check(&"'".repeat(100_000), &[]), None);
    assert_eq!(check(&"ich habe ".repeat(10_000), &[]), None);
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
}
