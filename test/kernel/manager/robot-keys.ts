// keys.json of somebody who types at random: commands of one's own are among what is pressed, and what works for minutes over the network
// has a key that nobody finds.
export const ROBOT_KEYS = JSON.stringify({
  keys: { 'template-go': 'ctrl-alt-f12' },
  commands: [
    { name: 'touch', keys: 'alt-t', run: 'touch /robot-was-here', in: 'container' },
    { name: 'note', keys: 'alt-n', run: 'echo {answer}', in: 'container', ask: 'What?', confirm: 'It is said inside.' },
    { name: 'nothing', keys: 'alt-o', run: 'true', terminal: true, reads: true },
  ],
});
